/** `tenure doctor` on every system at once, with the example configuration: what is configured, what works, and what the credentials cannot do. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Check } from '../../src/cli/checks.ts';
import { Passwords } from '../support/asPerson.ts';
import { findDaemon, withDaemon } from '../support/daemons.ts';
import { PERSON_PASSWORD } from '../support/exstreamStandIn.ts';
import { openWholeSite, type WholeSite } from '../support/wholeSite.ts';
import { tenure } from './cli.ts';

const proftpd = findDaemon('proftpd');
let site: WholeSite;
beforeAll(async () => void (site = await openWholeSite(proftpd)));
afterAll(() => site.close());

type Found = { checks: Record<string, Check>; text: string };

async function doctor(more: NodeJS.ProcessEnv = {}): Promise<Found> {
  const { out, err } = await tenure({ ...site.env, ...more }, 'doctor', '--json');
  if (out === '') throw new Error(err);
  const { checks } = JSON.parse(out) as { checks: Check[] };
  return { checks: Object.fromEntries(checks.map((one) => [one.name, one])), text: out };
}

const said = (check: Check | undefined): string => check?.details.join('\n') ?? '';

test('each system says its mode, pace, kinds, attributes and what works, and no secret', async () => {
  const { checks, text } = await doctor();
  const limits = { requestMs: 5000, perSecond: 5000, concurrent: 8 };
  for (const name of Object.keys(site.deps.targets)) {
    const { capabilities = {}, configured } = checks[name]!;
    expect(configured).toMatchObject({ mode: 'enforce', ...(name !== 'push' && { limits }) });
    expect(configured?.kinds).toEqual(Object.keys(site.deps.targets[name]!.target.describe().kinds));
    expect([name, Object.values(capabilities)]).toEqual([name, Object.keys(capabilities).map(() => true)]);
    expect(said(checks[name])).toMatch(/^mode enforce$/m);
    expect(said(checks[name])).toMatch(/^requests: at most 8 at once, \d+ a second, \d+ s each$/m);
    expect(said(checks[name])).toMatch(/^grants and takes away: \w/m);
    expect(said(checks[name])).toMatch(/^works: \w/m);
    expect(said(checks[name])).not.toContain('without:');
  }
  expect(said(checks['otds'])).toMatch(/^people are read from it$/m);
  expect(said(checks['otds'])).toMatch(/^works: administrator, partition staff, partition contractors/m);
  expect(said(checks['iconik'])).toContain('accounts: email from email, first_name from attributes.givenName');
  expect(said(checks['push'])).toContain('works: fcm, email');
  for (const [name, value] of Object.entries(site.env))
    if (/PASSWORD|SECRET$|TOKEN$/.test(name)) expect(text).not.toContain(value);
});

test('as a table, a line for each', async () => {
  const { out } = await tenure(site.env, 'doctor');
  expect(out).toMatch(/^cloudinary +OK .*mode enforce\n +requests: at most 8 at once, 5000 a second, 5 s each\n/m);
});

test('a mode that changes nothing says so', async () => {
  const { checks } = await doctor({ TENURE_ICONIK_MODE: 'observe', TENURE_CLOUDINARY_MODE: 'adopt' });
  expect(said(checks['iconik'])).toContain('mode observe: reports, changes nothing');
  expect(said(checks['cloudinary'])).toContain('mode adopt: links accounts, changes nothing else');
});

/** Wrong is this system alone among those looked at. */
const wrongOf = ({ checks }: Found): string[] =>
  Object.keys(site.deps.targets).filter((name) => checks[name]?.state === 'wrong' && name !== 'exstream');

describe('what credentials cannot do is named', () => {
  test('otds: somebody who administers nothing', async () => {
    await new Passwords(site.otds).give('lucas.moreau@staff');
    const found = await doctor({ OTDS_USER: 'lucas.moreau@staff', OTDS_PASSWORD: PERSON_PASSWORD });
    expect(said(found.checks['otds'])).toContain('is no administrator');
    expect(said(found.checks['otds'])).toMatch(/^without: .*\badministrator\b/m);
    expect(wrongOf(found)).toEqual(['otds']);
  });

  test('iconik: each role that our account lacks', async () => {
    const state = await site.iconik.control('GET', '/state');
    const groups = state['groups'] as Record<string, { name: string; roles: string[] }>;
    const ours = Object.values(groups).find(({ name }) => name === 'Tenure Service')!;
    const lacking = { ...state, groups: structuredClone(groups) };
    const [id] = Object.entries(groups).find(([, group]) => group === ours)!;
    lacking.groups[id] = { ...ours, roles: ours.roles.filter((role) => !/can_delete_teams|manage_all/.test(role)) };
    await site.iconik.control('PUT', '/state', lacking);
    const found = await doctor();
    await site.iconik.control('PUT', '/state', state);
    expect(said(found.checks['iconik'])).toContain('lacks the role can_delete_teams: add it to its role group');
    expect(said(found.checks['iconik'])).toMatch(/^without: can_delete_teams, can_manage_all_shares$/m);
    expect(wrongOf(found)).toEqual(['iconik']);
  });

  test('cloudinary: an environment whose key is refused; the account itself works', async () => {
    const found = await doctor({ CLOUDINARY_API_SECRET: 'another' });
    expect(said(found.checks['cloudinary'])).toMatch(/^Folders of northwind: /m);
    expect(said(found.checks['cloudinary'])).toMatch(/^works: rolesAndPermissions, writes$/m);
    expect(said(found.checks['cloudinary'])).toMatch(/^without: folders of northwind$/m);
    expect(wrongOf(found)).toEqual(['cloudinary']);
  });

  test('exstream: a client that administers one region only', async () => {
    const { checks } = await doctor({ EXSTREAM_CLIENT_ID: 'tenure-emea' });
    expect(said(checks['exstream'])).toContain('is no tenant administrator');
    expect(said(checks['exstream'])).toMatch(/^without: .*tenantAdministrator/m);
  });

  withDaemon(proftpd)('ftp: a password that is refused, partner by partner', async () => {
    const found = await doctor({ FTP_PASSWORD: 'another' });
    expect(said(found.checks['ftp'])).toMatch(/^without: read list acme, read list printco$/m);
    expect(wrongOf(found)).toEqual(['ftp']);
  });

  test('push: one channel is refused, the other works', async () => {
    const found = await doctor({ NOTIFICATIONS_PASSWORD: 'another' });
    expect(said(found.checks['push'])).toMatch(/^email: /m);
    expect(said(found.checks['push'])).toMatch(/^works: fcm$/m);
    expect(said(found.checks['push'])).toMatch(/^without: email$/m);
    expect(wrongOf(found)).toEqual(['push']);
  });
});
