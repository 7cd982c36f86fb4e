import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DESIGNER,
  EMEA,
  EVERY_ROLE,
  startExstreamBench,
  type ExstreamBench,
} from '../../../test/support/exstreamStandIn.ts';
import { applyCall, call, OTDS_CLIENT_SECRET } from '../../../test/support/otdsStandIn.ts';
import { until } from '../../../test/support/until.ts';
import type { FaultEffect } from '../../../sandbox/common/types.ts';
import type { Change } from '../../domain/change.ts';
import type { Applied } from '../port.ts';
import type { ExstreamSystem } from './target.ts';

let bench: ExstreamBench;
beforeAll(async () => void (bench = await startExstreamBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const HANNAH = 'hannah.klein@staff';
const ROW = 'Authors EMEA@exstream.role: bcauser@Regional EMEA';
const grantEmea: Change = { op: 'grant', entitlement: EMEA };

async function once(change: Change, system: ExstreamSystem = bench.system, signal = call.signal): Promise<Applied> {
  const person = await bench.otds.person(HANNAH);
  const actual = { account: 'present', profile: {}, held: [], warnings: [] } as const;
  return await system.target.apply({ person, nativeId: person.uuid }, change, actual, { ...applyCall(), signal });
}
const hasRow = async () => (await bench.groupRoles()).includes(ROW);
const isIn = async (group: string) => (await bench.members(group)).includes(HANNAH);
const impatient = () => bench.client({ limits: { ...bench.config.limits, requestMs: 1_500 } });
const posting = (fault: FaultEffect) =>
  bench.fault({ match: { method: 'POST', path: '*/group-roles' }, times: 1, fault });

describe('giving a group its role', () => {
  test.each<[string, FaultEffect]>([
    ['lost after the effect', { kind: 'lostReply' }],
    ['cut in the middle', { kind: 'truncate', bytes: 5 }],
  ])('a reply %s is unknown; the next try finds the row and writes no second', async (_what, fault) => {
    await posting(fault);
    expect(await once(grantEmea)).toEqual({ outcome: 'unknown', code: expect.stringMatching(/^EXSTREAM_/) });
    expect([await hasRow(), await isIn('Authors EMEA@exstream.role')]).toEqual([true, false]);
    await bench.requests();
    expect(await once(grantEmea)).toEqual({ outcome: 'done' });
    expect((await bench.requests()).filter(({ method }) => method === 'POST')).toEqual([]);
    expect(await isIn('Authors EMEA@exstream.role')).toBe(true);
  });

  test.each<[string, FaultEffect, string]>([
    ['no answer', { kind: 'hang' }, 'EXSTREAM_TIMEOUT'],
    ['a connection cut before', { kind: 'reset' }, 'EXSTREAM_RESET'],
    ["a proxy's page with 200", { kind: 'html', status: 200 }, 'EXSTREAM_BAD_REPLY'],
    ["a proxy's page with 502", { kind: 'html', status: 502 }, 'EXSTREAM_BAD_REPLY'],
    ['503', { kind: 'status', status: 503 }, 'EXSTREAM_UNAVAILABLE'],
    ['408', { kind: 'status', status: 408 }, 'EXSTREAM_UNAVAILABLE'],
    ['a 404 that is not its own', { kind: 'status', status: 404, body: {} }, 'EXSTREAM_BAD_REPLY'],
  ])('%s is unknown, nothing is repeated, nobody enters the group', async (_what, fault, code) => {
    await posting(fault);
    await bench.requests();
    const system = fault.kind === 'hang' ? impatient() : bench.system;
    expect(await once(grantEmea, system)).toEqual({ outcome: 'unknown', code });
    expect((await bench.requests()).filter(({ method }) => method === 'POST')).toHaveLength(1);
    expect([await hasRow(), await isIn('Authors EMEA@exstream.role')]).toEqual([false, false]);
    expect(await once(grantEmea)).toEqual({ outcome: 'done' });
  });

  test.each([
    [400, 'EXSTREAM_REFUSED', false],
    [403, 'EXSTREAM_FORBIDDEN', false],
    [409, 'EXSTREAM_CONFLICT', true],
    [429, 'EXSTREAM_RATE_LIMITED', true],
  ])('%i is a definite no: %s', async (status, code, retryable) => {
    await posting({ kind: 'status', status, headers: { 'Retry-After': '7' } });
    const error: unknown = await once(grantEmea).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'SystemError', system: 'exstream', code, status, retryable });
    expect(error).toMatchObject({ retryAt: expect.stringMatching(/Z$/) });
    expect([await hasRow(), await isIn('Authors EMEA@exstream.role')]).toEqual([false, false]);
  });

  test('an answer without the effect is told, not believed', async () => {
    await posting({ kind: 'status', status: 200, body: { status: 'success', data: {} } });
    await expect(once(grantEmea)).rejects.toMatchObject({ code: 'EXSTREAM_NOT_KEPT', retryable: true });
  });

  test('a role that Exstream does not have is named', async () => {
    const roles = { 'scribe@Regional EMEA': 'Authors EMEA@exstream.role' };
    const work = once({ op: 'grant', entitlement: 'exstream:role/scribe@Regional EMEA' }, bench.client({ roles }));
    await expect(work).rejects.toMatchObject({
      code: 'EXSTREAM_NOT_FOUND',
      message: expect.stringContaining('role scribe'),
    });
    const unknown = once({ op: 'grant', entitlement: 'exstream:role/reviewer@Development' });
    await expect(unknown).rejects.toMatchObject({ code: 'EXSTREAM_UNKNOWN_ENTITLEMENT', retryable: false });
  });
});

describe('the OTDS half', () => {
  test('a lost reply to a membership is unknown, and the read shows the effect', async () => {
    await bench.otds.fault({ match: { method: 'POST', path: '*/memberof' }, times: 1, fault: { kind: 'lostReply' } });
    const change: Change = { op: 'grant', entitlement: DESIGNER };
    expect(await once(change)).toEqual({ outcome: 'unknown', code: 'EXSTREAM_OTDS_RESET' });
    expect((await bench.read(HANNAH)).held).toEqual([{ key: DESIGNER, how: 'direct' }]);
  });

  test.each<[FaultEffect, string]>([
    [{ kind: 'status', status: 503 }, 'EXSTREAM_OTDS_UNAVAILABLE'],
    [{ kind: 'html', status: 200 }, 'EXSTREAM_OTDS_GARBLED'],
  ])('%j never makes anybody look gone', async (fault, code) => {
    const person = await bench.otds.person(HANNAH);
    await bench.otds.fault({ match: { method: 'GET', path: '/otdsws/rest/*' }, fault });
    await expect(bench.system.target.read({ person }, EVERY_ROLE, call)).rejects.toMatchObject({
      name: 'SystemError',
      system: 'exstream',
      code,
      retryable: true,
    });
  });

  test('members of a group in a synchronised partition are its source’s', async () => {
    await bench.otds.admin('POST', '/groups', { name: 'Designers', userPartitionID: 'contractors' });
    const roles = { 'commdesigner@Development': 'Designers@contractors' };
    const otds = { ...bench.config.otds, synchronised: ['contractors'] };
    const change: Change = { op: 'grant', entitlement: DESIGNER };
    expect(await once(change, bench.client({ roles, otds }))).toEqual({ outcome: 'upstream' });
  });
});

describe('reading', () => {
  test.each<[FaultEffect, number, string]>([
    [{ kind: 'reset' }, 2, 'EXSTREAM_RESET'],
    [{ kind: 'html', status: 200 }, 1, 'EXSTREAM_BAD_REPLY'],
    [{ kind: 'truncate', bytes: 20 }, 2, 'EXSTREAM_RESET'],
    [{ kind: 'status', status: 500 }, 1, 'EXSTREAM_UNAVAILABLE'],
    [{ kind: 'status', status: 404, body: '<html>' }, 1, 'EXSTREAM_BAD_REPLY'],
    [{ kind: 'status', status: 200, body: {} }, 1, 'EXSTREAM_UNEXPECTED'],
    [{ kind: 'status', status: 200, body: { data: [{ group: 7 }] } }, 1, 'EXSTREAM_UNEXPECTED'],
  ])('group-roles answered by %j makes no right look gone', async (fault, times, code) => {
    await bench.fault({ match: { method: 'GET', path: '*/group-roles*' }, times, fault });
    await expect(bench.read(HANNAH, [DESIGNER])).rejects.toMatchObject({ name: 'SystemError', code, retryable: true });
  });

  test('unknown fields in replies are passed over', async () => {
    const row = {
      group: 'Designers@exstream.role',
      roleName: 'commdesigner',
      domain: { id: 'Development', x: 1 },
      y: [],
    };
    await once({ op: 'grant', entitlement: DESIGNER });
    const body = { status: 'ok', data: [row], more: true };
    await bench.fault({ match: { path: '*/group-roles*' }, times: 1, fault: { kind: 'status', status: 200, body } });
    expect((await bench.read(HANNAH, [DESIGNER])).held).toEqual([{ key: DESIGNER, how: 'direct' }]);
  });

  test.each([403, 404])(
    'an Exstream that does not serve group-roles (%i) is told from a domain that is not there',
    async (status) => {
      const gone = bench.client({ domains: { ...bench.config.domains, Nowhere: {} } });
      const person = await bench.otds.person(HANNAH);
      const read = (system: ExstreamSystem, key: string) => system.target.read({ person }, [key], call);
      await expect(read(gone, 'exstream:role/x@Nowhere')).rejects.toMatchObject({ code: 'EXSTREAM_NOT_FOUND' });
      await bench.choose('SEMI_PUBLIC_GROUP_ROLES', status);
      await expect(read(bench.system, DESIGNER)).rejects.toMatchObject({
        code: 'EXSTREAM_UNSUPPORTED',
        retryable: false,
      });
    },
  );

  test('a cancelled read is an error and a cancelled write unknown; before anything was sent it is no doubt', async () => {
    const person = await bench.otds.person(HANNAH);
    const { target } = bench.system;
    await bench.fault({ match: { method: 'GET', path: '*/group-roles*' }, fault: { kind: 'hang' } });
    const read = await cancelled([bench, 'GET', '/group-roles'], (signal) =>
      target.read({ person }, EVERY_ROLE, { signal }),
    );
    expect(read).toMatchObject({ name: 'SystemError', retryable: true });
    await bench.control('DELETE', '/faults');
    await bench.otds.fault({ match: { method: 'POST', path: '*/memberof' }, fault: { kind: 'hang' } });
    const change: Change = { op: 'grant', entitlement: DESIGNER };
    const write = await cancelled([bench.otds, 'POST', '/memberof'], (signal) => once(change, bench.system, signal));
    expect(write).toEqual({ outcome: 'unknown', code: 'EXSTREAM_OTDS_ABORTED' });
    await expect(once(change, bench.system, AbortSignal.abort())).rejects.toMatchObject({ code: 'EXSTREAM_ABORTED' });
  });
});

type Controlled = { control: (method: string, path: string) => Promise<Record<string, unknown>> };

/** What becomes of the work when it is cancelled as soon as the stand-in has met such a request. */
async function cancelled(
  [system, method, path]: [Controlled, string, string],
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<unknown> {
  const after = async (since: number) => {
    const page = await system.control('GET', `/ledger?since=${since}&limit=100000`);
    return page as { entries: { method: string; path: string }[]; next: number };
  };
  const { next } = await after(0);
  const stop = new AbortController();
  const outcome = work(stop.signal).catch((error: unknown) => error);
  await until(`${method} ${path}`, async () =>
    (await after(next)).entries.some((entry) => entry.method === method && entry.path.includes(path)),
  );
  stop.abort();
  return await outcome;
}

describe('credentials', () => {
  const logIns = async () => {
    const page = (await bench.control('GET', '/ledger?since=0&limit=100000')) as { entries: { path: string }[] };
    return page.entries.filter(({ path }) => path.endsWith('/oauth2/token')).length;
  };

  test('one login serves all who wait, is renewed ahead of its end, and once after a 401', async () => {
    const before = await logIns();
    await Promise.all([bench.read(HANNAH, [DESIGNER]), bench.read(HANNAH, [DESIGNER]), bench.read(HANNAH, [DESIGNER])]);
    expect((await logIns()) - before).toBe(1);
    const { target } = bench.client({}, { choices: { renewAheadMs: 3_599_999.999 } });
    const person = await bench.otds.person(HANNAH);
    await target.read({ person }, [DESIGNER], call);
    await target.read({ person }, [DESIGNER], call);
    expect((await logIns()) - before).toBe(3);
    await bench.fault({ match: { path: '*/group-roles*' }, times: 1, fault: { kind: 'special', name: 'tokenExpiry' } });
    expect((await bench.read(HANNAH, [DESIGNER])).account).toBe('disabled');
    expect((await logIns()) - before).toBe(4);
  });

  test('a token that ends in the middle of a write is a definite no, and the write goes out once more', async () => {
    await posting({ kind: 'special', name: 'tokenExpiry' });
    expect(await once(grantEmea)).toEqual({ outcome: 'done' });
  });

  test('a second 401 stands; a refused client is not tried again with the same secret', async () => {
    await bench.fault({ match: { path: '/design/*' }, fault: { kind: 'status', status: 401 } });
    await expect(bench.read(HANNAH)).rejects.toMatchObject({ code: 'EXSTREAM_CREDENTIALS', retryable: true });
    await bench.control('DELETE', '/faults');
    const { target } = bench.client({}, { secret: 'wrong-secret-of-ours' });
    const person = await bench.otds.person(HANNAH);
    const design = () => target.probe(call);
    const before = await logIns();
    for (const _try of [1, 2]) expect(await design()).toMatchObject({ reachable: true, credentials: false });
    expect((await logIns()) - before).toBe(1);
    await expect(target.read({ person }, EVERY_ROLE, call)).rejects.toMatchObject({
      system: 'exstream',
      retryable: true,
    });
  });

  test('no secret, token or vendor text reaches an error or the log', async () => {
    const shown: string[] = [];
    const keep = async (work: Promise<unknown>) => {
      const error: unknown = await work.catch((e: unknown) => e);
      if (error instanceof Error)
        shown.push(error.message, error.stack ?? '', JSON.stringify(error), String(error.cause));
    };
    const token = (await bench.token('tenure')) ?? '';
    const wrong = bench.client({}, { secret: 'wrong-secret-of-ours' });
    await keep(wrong.drift(call));
    await posting({
      kind: 'status',
      status: 400,
      body: { timestamp: 1, path: '/x', message: 'vendor words', details: token },
    });
    await keep(once(grantEmea));
    await bench.fault({
      match: { path: '*/group-roles*' },
      fault: { kind: 'status', status: 200, body: { data: 'vendor words' } },
    });
    await keep(bench.read(HANNAH));
    expect(shown).toHaveLength(12);
    const all = `${shown.join('\n')}\n${bench.logged()}`;
    expect(all).toContain('/group-roles');
    for (const secret of [OTDS_CLIENT_SECRET, 'wrong-secret-of-ours', token, 'vendor words', 'Bearer'])
      expect(all).not.toContain(secret);
  });
});
