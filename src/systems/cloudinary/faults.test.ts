import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SECRETS, SYNC_KEY } from '../../../sandbox/cloudinary/seed.ts';
import {
  applyCall,
  call,
  mail,
  startCloudinaryBench,
  type CloudinaryBench,
} from '../../../test/support/cloudinaryStandIn.ts';
import { person } from '../../../test/support/fakes.ts';
import type { Change } from '../../domain/change.ts';

let bench: CloudinaryBench;
beforeAll(async () => void (bench = await startCloudinaryBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const somebody = person('somebody@staff');
const join: Change = { op: 'grant', entitlement: 'cloudinary:group/Legal' };
const ofFolder: Change = { op: 'grant', entitlement: 'cloudinary:folder/Legal#viewer@northwind' };
const failure = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => new Error('It succeeded.'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error) || error.name !== 'SystemError') throw error;
  return error as Error & { code: string; status?: number; retryable: boolean; retryAt?: string };
};
const inSeconds = (at: string | undefined) => (Date.parse(at ?? '') - Date.now()) / 1000;

/** Contract section 14, on either plane, for a write of the account (POST of a member) and a read of the environment (PUT by_path). */
const planes: [plane: string, change: Change, match: { method: string; path: string }][] = [
  ['the account', join, { method: 'POST', path: '*/user_groups/*' }],
  ['the environment northwind', ofFolder, { method: 'PUT', path: '*/folders/by_path' }],
];

describe.each(planes)('%s', (plane, change, match) => {
  test.each([
    [400, 'CLOUDINARY_REFUSED', false],
    [401, 'CLOUDINARY_CREDENTIALS', true],
    [403, 'CLOUDINARY_FORBIDDEN', false],
    [409, 'CLOUDINARY_CONFLICT', true],
    [420, 'CLOUDINARY_RATE_LIMITED', true],
    [423, 'CLOUDINARY_UNAVAILABLE', true],
    [429, 'CLOUDINARY_RATE_LIMITED', true],
  ])('answers %i: %s', async (status, code, retryable) => {
    const id = await bench.idOf(mail('ben.otto'));
    await bench.fault({ match, times: 1, fault: { kind: 'status', status } });
    const error = await failure(bench.change(id, change));
    expect(error).toMatchObject({ code, retryable, status });
    expect(error.retryAt !== undefined).toBe([401, 420, 429].includes(status));
    if (status === 401 || status === 420) expect(error.message).toContain(plane);
    expect(await bench.change(id, change)).toEqual([{ outcome: 'done' }]);
  });

  test('answers a log-in that failed with a page: our key, not a reply to believe', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    await bench.fault({ match, times: 1, fault: { kind: 'special', name: 'htmlAuth' } });
    expect(await failure(bench.change(id, change))).toMatchObject({ code: 'CLOUDINARY_CREDENTIALS', status: 401 });
  });

  test('used up: waits until Cloudinary counts anew, as its headers say by its own clock; the other plane goes on', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    const sentAt = Date.parse('2026-11-29T10:00:00Z');
    const headers = {
      Date: new Date(sentAt).toUTCString(),
      'X-FeatureRateLimit-Limit': '2000',
      'X-FeatureRateLimit-Remaining': '0',
      'X-FeatureRateLimit-Reset': new Date(sentAt + 600_000).toUTCString(),
    };
    await bench.fault({ match, fault: { kind: 'status', status: 420, headers } });
    const error = await failure(bench.change(id, change));
    expect(Math.abs(inSeconds(error.retryAt) - 600)).toBeLessThan(5);
    const [other] = planes.filter(([name]) => name !== plane);
    if (other) expect(await bench.change(id, other[1])).toEqual([{ outcome: 'done' }]);
  });

  test('used up without a word: our own wait; Retry-After counts where it is sent', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    await bench.fault({ match, times: 1, fault: { kind: 'status', status: 420 } });
    const ours = inSeconds((await failure(bench.change(id, change))).retryAt);
    expect(ours).toBeGreaterThan(3);
    expect(ours).toBeLessThan(10.5);
    await bench.fault({ match, times: 1, fault: { kind: 'status', status: 429, headers: { 'Retry-After': '17' } } });
    expect(Math.abs(inSeconds((await failure(bench.change(id, change))).retryAt) - 17)).toBeLessThan(3);
  });
});

describe('the real hourly limit of the account', () => {
  test.each([
    [420, 'absent'],
    [429, 'present'],
  ])('is a no for now (%i, Retry-After %s) and nothing is half done', async (limitStatus, retryAfter) => {
    const id = await bench.idOf(mail('ben.otto'));
    await bench.change(id);
    await bench.choose('limitStatus', limitStatus);
    await bench.choose('retryAfter', retryAfter);
    await bench.choose('accountPerHour', 0);
    const error = await failure(bench.change(id, join));
    expect(error).toMatchObject({ code: 'CLOUDINARY_RATE_LIMITED', retryable: true, status: limitStatus });
    expect(inSeconds(error.retryAt)).toBeLessThanOrEqual(3_600);
    await bench.choose('accountPerHour', 1_000_000);
    expect(await bench.change(id, join)).toEqual([{ outcome: 'done' }]);
  });

  test('leaves its last tenth to the changes of people: scans wait and ask for nothing', async () => {
    const { target } = bench.system;
    const id = await bench.idOf(mail('ben.otto'));
    await bench.edit(({ rates }) => {
      for (const rate of Object.values(rates)) rate.used = 940;
    });
    await bench.choose('accountPerHour', 1_000);
    expect(await bench.change(id, join)).toEqual([{ outcome: 'done' }]);
    await bench.requests();
    const error = await failure(target.list(undefined, [], call));
    expect(error).toMatchObject({ code: 'CLOUDINARY_RATE_LIMITED', retryable: true });
    expect(inSeconds(error.retryAt)).toBeGreaterThan(0);
    expect(await bench.requests()).toEqual([]);
    expect((await bench.read(id)).account).toBe('present');
  });
});

describe('secrets', () => {
  test('of keys and environments never leave the client: not in what it reads, logs or says', async () => {
    const id = await bench.idOf(mail('tom.weber'));
    const tom = person('tom.weber@staff');
    const { target } = bench.system;
    const shown: unknown[] = [
      await target.read({ person: tom, nativeId: id }, ['cloudinary:**'], call),
      await target.probe(call),
      await target.list(undefined, ['cloudinary:**'], call),
    ];
    const wrong = bench.client({ secret: 'line\nbreak' }).target;
    const error = await failure(wrong.read({ person: tom, nativeId: id }, [], call));
    expect(error.code).toBe('CLOUDINARY_CREDENTIALS');
    const all = [JSON.stringify(shown), error.message, String(error.stack), bench.logged()].join('\n');
    const { keys } = (await bench.state()) as unknown as { keys: Record<string, { api_secret?: string }> }; // with its secrets
    const secrets = [
      ...bench.secrets,
      SECRETS.apiKey,
      SYNC_KEY,
      ...Object.values(keys).map((one) => one.api_secret ?? ''),
    ];
    for (const secret of secrets.filter((one) => one.length > 4)) expect(all).not.toContain(secret);
  });

  test('that were changed count at the next call', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    const wrong = bench.client({ secret: 'old' }).target;
    const account = { person: somebody, nativeId: id };
    expect(await failure(wrong.read(account, [], call))).toMatchObject({ code: 'CLOUDINARY_CREDENTIALS' });
    const actual = await bench.system.target.read(account, [], call);
    expect(await bench.system.target.apply(account, join, actual, applyCall)).toEqual({ outcome: 'done' });
  });
});
