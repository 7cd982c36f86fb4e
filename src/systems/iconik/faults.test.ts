import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  applyCall,
  call,
  personWith,
  startIconikBench,
  unusedUrl,
  type IconikBench,
} from '../../../test/support/iconikStandIn.ts';
import type { Change } from '../../domain/change.ts';
import type { Applied } from '../port.ts';

let bench: IconikBench;
beforeAll(async () => void (bench = await startIconikBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const person = personWith('ada.byrne@northwind.example');
const marketing = 'iconik:team/Marketing';

/** Every kind of write, on its person, and what to look for afterwards. */
const writes: [name: string, change: Change, method: string, held: (id: string) => Promise<boolean>][] = [
  ['grant of a team', { op: 'grant', entitlement: marketing }, 'POST', async (id) => await holds(id, marketing)],
  [
    'grant of roles',
    { op: 'grant', entitlement: 'iconik:roles/Reviewer' },
    'POST',
    async (id) => await holds(id, 'iconik:roles/Reviewer'),
  ],
  [
    'grant of a row',
    { op: 'grant', entitlement: 'iconik:collection/Legal#read' },
    'PUT',
    async (id) => await holds(id, 'iconik:collection/Legal#read'),
  ],
  [
    'disabling',
    { op: 'disable', profile: {}, urgent: true },
    'PATCH',
    async (id) => (await bench.read(id)).account === 'disabled',
  ],
  [
    'update',
    { op: 'update', profile: { last_name: 'Lovelace' } },
    'PATCH',
    async (id) => (await bench.read(id)).profile['last_name'] === 'Lovelace',
  ],
];

async function holds(id: string, key: string): Promise<boolean> {
  return (await bench.read(id, [key])).held.some((h) => h.key === key && h.how === 'direct');
}

async function once(id: string, change: Change, requestMs = 5_000): Promise<Applied> {
  const { target } = bench.client({ config: { limits: { ...bench.config.limits, requestMs } } });
  const account = { person, nativeId: id };
  return await target.apply(account, change, await target.read(account, [], call), applyCall);
}

describe.each(writes)('%s', (_name, change, method, held) => {
  const plan = (fault: Record<string, unknown>) => bench.fault({ match: { method }, times: 1, fault });

  test('a reply lost after the effect is unknown, and the read shows the effect', async () => {
    const id = await bench.idOf(person.fields['email'] ?? '');
    await plan({ kind: 'lostReply' });
    expect(await once(id, change)).toEqual({ outcome: 'unknown', code: 'ICONIK_RESET' });
    expect(await held(id)).toBe(true);
  });

  test('a reply cut in the middle is unknown, and the read shows the effect', async () => {
    const id = await bench.idOf(person.fields['email'] ?? '');
    await plan({ kind: 'truncate', bytes: 7 });
    expect(await once(id, change)).toMatchObject({ outcome: 'unknown' });
    expect(await held(id)).toBe(true);
  });

  test.each([
    ['no answer within the limit', { kind: 'hang' }, 'ICONIK_TIMEOUT'],
    ['a connection cut before', { kind: 'reset' }, 'ICONIK_RESET'],
    ["a proxy's page with 200", { kind: 'html', status: 200 }, 'ICONIK_BAD_REPLY'],
    ["a proxy's page with 502", { kind: 'html', status: 502 }, 'ICONIK_BAD_REPLY'],
    ['500', { kind: 'status', status: 500 }, 'ICONIK_UNAVAILABLE'],
    ['503', { kind: 'status', status: 503 }, 'ICONIK_UNAVAILABLE'],
  ])('%s is unknown, nothing is repeated, and the next try works', async (_what, fault, code) => {
    const id = await bench.idOf(person.fields['email'] ?? '');
    await bench.writes();
    await plan(fault);
    expect(await once(id, change, fault.kind === 'hang' ? 800 : 5_000)).toEqual({ outcome: 'unknown', code });
    expect(await bench.writes()).toHaveLength(1);
    expect(await held(id)).toBe(false);
    expect(await once(id, change)).toEqual({ outcome: 'done' });
    expect(await held(id)).toBe(true);
  });

  test.each([
    [403, 'ICONIK_FORBIDDEN', false],
    [419, 'ICONIK_LINK_EXPIRED', false],
    [429, 'ICONIK_RATE_LIMITED', true],
    [501, 'ICONIK_NOT_IMPLEMENTED', false],
  ])('%i is a definite no: %s', async (status, code, retryable) => {
    const id = await bench.idOf(person.fields['email'] ?? '');
    await plan({ kind: 'status', status });
    await expect(once(id, change)).rejects.toMatchObject({ name: 'SystemError', code, status, retryable });
    expect(await held(id)).toBe(false);
  });
});

describe('waiting', () => {
  const limited = async (headers?: Record<string, string>) => {
    const id = await bench.idOf(person.fields['email'] ?? '');
    await bench.fault({
      match: { method: 'POST' },
      times: 1,
      fault: { kind: 'status', status: 429, ...(headers && { headers }) },
    });
    const error: unknown = await once(id, { op: 'grant', entitlement: marketing }).catch((e: unknown) => e);
    const at = error instanceof Error && 'retryAt' in error ? Date.parse(String(error.retryAt)) : Number.NaN;
    return (at - Date.now()) / 1000;
  };

  test('a 429 names the time that iconik asks for, or one of ours where it says none', async () => {
    expect(Math.abs((await limited({ 'Retry-After': '17' })) - 17)).toBeLessThan(2);
    const ours = await limited();
    expect(ours).toBeGreaterThan(3);
    expect(ours).toBeLessThan(10.5);
  });

  test('a cancelled write ends at once as unknown, a cancelled read as an error', async () => {
    const id = await bench.idOf(person.fields['email'] ?? '');
    const { target } = bench.system;
    const account = { person, nativeId: id };
    const actual = await target.read(account, [], call);
    await bench.fault({ match: { method: 'POST' }, fault: { kind: 'hang' } });
    await bench.fault({ match: { method: 'GET', path: '/API/users/v1/users/current/' }, fault: { kind: 'hang' } });
    const cancelled = async <T>(work: (signal: AbortSignal) => Promise<T>) => {
      const began = performance.now();
      const result = await work(AbortSignal.timeout(150)).catch((error: unknown) => error);
      expect(performance.now() - began).toBeLessThan(2_000);
      return result;
    };
    const change: Change = { op: 'grant', entitlement: marketing };
    expect(
      await cancelled(async (signal) => await target.apply(account, change, actual, { ...applyCall, signal })),
    ).toMatchObject({ outcome: 'unknown' });
    const fresh = bench.client({}).target;
    expect(await cancelled(async (signal) => await fresh.read(account, [], { signal }))).toMatchObject({
      name: 'SystemError',
      retryable: true,
    });
  });

  test('a cancellation before anything was sent changes nothing and is no doubt', async () => {
    const id = await bench.idOf(person.fields['email'] ?? '');
    const actual = await bench.read(id);
    await bench.writes();
    const change: Change = { op: 'grant', entitlement: marketing };
    const work = bench.system.target.apply({ person, nativeId: id }, change, actual, {
      ...applyCall,
      signal: AbortSignal.abort(),
    });
    await expect(work).rejects.toMatchObject({ code: 'ICONIK_ABORTED', retryable: true });
    expect(await bench.writes()).toEqual([]);
  });
});

describe('reading', () => {
  test.each([
    [{ kind: 'reset' }, 2, 'ICONIK_RESET'],
    [{ kind: 'html', status: 200 }, 1, 'ICONIK_BAD_REPLY'],
    [{ kind: 'html', status: 502 }, 1, 'ICONIK_UNAVAILABLE'],
    [{ kind: 'truncate', bytes: 20 }, 2, undefined],
    [{ kind: 'status', status: 500 }, 1, 'ICONIK_UNAVAILABLE'],
    [{ kind: 'status', status: 404, body: '<html>not here</html>' }, 1, 'ICONIK_NOT_FOUND'],
    [{ kind: 'status', status: 200, body: {} }, 1, 'ICONIK_BAD_REPLY'],
    [{ kind: 'status', status: 200, body: [] }, 1, 'ICONIK_BAD_REPLY'],
  ])('of a user answered by %j never makes a leaver look gone', async (fault, times, code) => {
    const id = await bench.idOf('tom.weber@northwind.example');
    await bench.fault({ match: { method: 'GET', path: `/API/users/v1/users/${id}/` }, times, fault });
    await expect(bench.read(id)).rejects.toMatchObject({ name: 'SystemError', ...(code && { code }) });
  });

  test('an address that is not iconik makes nobody look gone', async () => {
    const id = await bench.idOf('tom.weber@northwind.example');
    const wrong = bench.client({ config: { url: `${bench.config.url}/elsewhere` } });
    await expect(wrong.target.read({ person, nativeId: id }, [], call)).rejects.toMatchObject({ name: 'SystemError' });
  });

  test.each(['nullHeavy', 'naiveDates'])('bodies may be %s', async (name) => {
    const id = await bench.idOf('tom.weber@northwind.example');
    const before = await bench.read(id, ['iconik:**']);
    await bench.fault({ fault: { kind: 'special', name } });
    const after = await bench.client({}).target.read({ person, nativeId: id }, ['iconik:**'], call);
    expect({ ...after, profile: {} }).toEqual({ ...before, profile: {} });
    expect(before.profile).toMatchObject(after.profile);
  });

  test('a next page on another host is not followed', async () => {
    await bench.fault({
      match: { method: 'GET', path: '/API/users/v1/users/' },
      fault: {
        kind: 'status',
        status: 200,
        body: {
          objects: [{ id: 'a', email: 'a@b.example' }],
          next_url: 'https://evil.example/API/users/v1/users/?page=2',
        },
      },
    });
    await expect(bench.system.target.list(undefined, [], call)).rejects.toMatchObject({ code: 'ICONIK_FOREIGN_LINK' });
    await expect(bench.system.target.list('//evil.example/API/x', [], call)).rejects.toMatchObject({
      code: 'ICONIK_FOREIGN_LINK',
    });
  });
});

describe('credentials', () => {
  test('a revoked token is told from a passing 401, and both can be tried again', async () => {
    const id = await bench.idOf('ben.otto@northwind.example');
    await bench.fault({
      match: { path: `/API/users/v1/users/${id}/` },
      times: 1,
      fault: { kind: 'status', status: 401 },
    });
    await expect(bench.read(id)).rejects.toMatchObject({
      code: 'ICONIK_UNAUTHENTICATED',
      retryable: true,
      status: 401,
    });
    const revoked = bench.client({ token: 'a-token-that-was-revoked' });
    await expect(revoked.target.read({ person, nativeId: id }, [], call)).rejects.toMatchObject({
      code: 'ICONIK_CREDENTIALS',
      retryable: true,
      retryAt: expect.stringMatching(/Z$/),
    });
  });

  test('a token revoked in the middle of a write is a definite no', async () => {
    const id = await bench.idOf(person.fields['email'] ?? '');
    const actual = await bench.read(id);
    await bench.fault({ match: { method: 'POST' }, fault: { kind: 'special', name: 'tokenRevoked' } });
    const change: Change = { op: 'grant', entitlement: marketing };
    await expect(bench.system.target.apply({ person, nativeId: id }, change, actual, applyCall)).rejects.toMatchObject({
      code: 'ICONIK_UNAUTHENTICATED',
    });
  });

  test('no token, e-mail or vendor text reaches an error or the log', async () => {
    const shown: string[] = [];
    const keep = async (work: Promise<unknown>) => {
      const error: unknown = await work.catch((e: unknown) => e);
      if (error instanceof Error)
        shown.push(error.message, error.stack ?? '', JSON.stringify(error), String(error.cause));
    };
    const id = await bench.idOf('ben.otto@northwind.example');
    const broken = bench.client({ token: 'line\nbreak-secret-token' });
    await keep(broken.target.read({ person, nativeId: id }, [], call));
    const unreachable = bench.client({ config: { url: await unusedUrl() } });
    await keep(unreachable.target.find(personWith('very.private@northwind.example'), call));
    await bench.fault({
      match: { method: 'PATCH' },
      fault: {
        kind: 'status',
        status: 400,
        body: { errors: { email: 'very.private@northwind.example has vendor words' } },
      },
    });
    await keep(bench.apply(id, { op: 'update', profile: { last_name: 'x' } }));
    await bench.fault({
      match: { method: 'GET' },
      fault: { kind: 'status', status: 200, body: { id: 7, email: 'very.private@northwind.example' } },
    });
    await keep(bench.read(id));
    expect(shown.length).toBeGreaterThanOrEqual(16);
    const all = `${shown.join('\n')}\n${bench.logged()}`;
    expect(all).toContain('/API/users/v1/users/');
    for (const secret of [bench.token, 'secret-token', 'very.private', 'northwind.example', 'vendor words'])
      expect(all).not.toContain(secret);
  });
});
