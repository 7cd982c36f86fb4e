import { describe, expect, test } from '@jest/globals';
import { SECRETS as CLOUDINARY } from '../../sandbox/cloudinary/seed.ts';
import { SECRETS as EXSTREAM } from '../../sandbox/exstream/seed.ts';
import { SERVICE } from '../../sandbox/iconik/seed.ts';
import { USUAL_SECRETS as NOTIFICATIONS } from '../../sandbox/notifications/state.ts';
import { USUAL_KEY } from '../../sandbox/otag/state.ts';
import { USUAL_SECRETS as OTDS } from '../../sandbox/otds/standIn.ts';
import { systemsNamed } from './only.ts';
import { portsFrom } from './ports.ts';
import { rowOf, SYSTEM_NAMES, type SystemName } from './systems.ts';

const usual = (name: SystemName): Record<string, string> =>
  Object.fromEntries(Object.entries(rowOf(name).given).map(([key, given]) => [key, given.usual]));

describe('the table of systems', () => {
  test('gives the credentials that the stand-ins take when they are started alone', () => {
    expect(usual('otds')).toEqual(OTDS);
    expect(usual('iconik')).toEqual({ appId: SERVICE.appId, authToken: SERVICE.token });
    expect(usual('cloudinary')).toEqual(CLOUDINARY);
    expect(usual('exstream')).toEqual({ clientSecret: EXSTREAM.clientSecret });
    expect(usual('notifications')).toEqual(NOTIFICATIONS);
    expect(usual('otag')).toEqual({ appKey: USUAL_KEY });
  });

  test('gives no port twice, and starts nobody before whom it asks', () => {
    const { systems, ftp, ...own } = portsFrom(21_000);
    const { control = 0, passive: [first, last] = [0, 0] } = ftp ?? {};
    const ofFtp = [control, ...Array.from({ length: last - first + 1 }, (_, i) => first + i)];
    const all = [...Object.values(own), ...Object.values(systems).flatMap((two) => Object.values(two)), ...ofFtp];
    expect(new Set(all).size).toBe(all.length);
    expect(Math.max(...all)).toBeLessThan(21_100);
    for (const [at, name] of SYSTEM_NAMES.entries())
      for (const other of Object.keys(rowOf(name).asks ?? {})) expect(SYSTEM_NAMES.slice(0, at)).toContain(other);
  });
});

describe('--only', () => {
  test('takes names in any order, with or without spaces, and OTDS always', () => {
    expect(systemsNamed('iconik, otds')).toEqual(['otds', 'iconik']);
    expect(systemsNamed('ftp,cloudinary')).toEqual(['otds', 'cloudinary', 'ftp']);
  });

  test.each(['push', 'fcm', 'otag', 'notifications,push'])(
    'takes %s for all through which people are told',
    (names) => {
      expect(systemsNamed(names)).toEqual(['otds', 'notifications', 'fcm', 'otag']);
    },
  );

  test('refuses another name with the known ones and what was meant, and no name at all', () => {
    expect(() => systemsNamed('otds,cloudnary')).toThrow(
      /^There is no system "cloudnary" \(did you mean cloudinary\?\); there are: otds, iconik, cloudinary/,
    );
    expect(() => systemsNamed(' , ')).toThrow(/at least one name; there are: otds/);
  });

  test('leaves the ports of the others alone', () => {
    expect(Object.keys(portsFrom(21_000, ['otds']).systems)).toEqual(['otds']);
    expect(portsFrom(21_000, ['otds']).ftp).toBeUndefined();
  });
});
