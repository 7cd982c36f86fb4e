import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { draft } from './coverageAssets.ts';
import type { Answer, Item, Trial } from './trial.ts';
import { DEV, PROD, endTrials, startTrial } from './trial.ts';

/** Sections 4.3, 7 and 8: states, locks, levels of approval, bulk moves, history. */

let t: Trial;
beforeEach(async () => {
  t = await startTrial({ strict: true });
});
afterEach(endTrials);

const ADA = 'ada.byrne@staff';
const BEN = 'ben.otto@staff';
const CHIARA = 'chiara.rossi@staff';
const GRACE = 'grace.lee@staff';

function move(domain: string, id: string, state: string, as: string): Promise<Answer> {
  return t.das('PUT', `/resources/${encodeURIComponent(domain)}/${id}/state`, {
    as,
    body: { state, auditedComment: `${as} case 7`, locked: false },
  });
}

async function get(domain: string, id: string, query = ''): Promise<Item> {
  return (await t.das('GET', `/resources/${encodeURIComponent(domain)}/${id}${query}`)).body.data;
}

describe('NORMAL', () => {
  test('the standard moves, each in the history with its comment and who', async () => {
    const { id } = await draft(t);
    const way: [string, string][] = [
      ['REVIEW', BEN],
      ['REJECTED', CHIARA],
      ['DRAFT', BEN],
      ['REVIEW', BEN],
      ['APPROVED', CHIARA],
    ];
    for (const [state, as] of way) expect((await move(DEV, id, state, as)).status).toBe(200);
    const rows = (await t.das('GET', `/resources/${DEV}/history/${id}?historyType=STATE`)).body.data;
    expect(rows.map((row) => [row.state, row.modifiedBy, row.auditedComment])).toEqual(
      way.map(([state, as]) => [state, as, `${as} case 7`]),
    );
    expect(await get(DEV, id)).toMatchObject({ state: 'APPROVED', lastModifiedBy: CHIARA });
  });

  test('APPROVED>DRAFT creates a new version; the old one stays readable', async () => {
    const { id } = await t.asset(DEV, 'Press Note');
    const reply = await move(DEV, id, 'DRAFT', BEN);
    expect(reply.body.data).toMatchObject({ version: 2, state: 'DRAFT' });
    expect(await get(DEV, id, '?version=1')).toMatchObject({ version: 1, state: 'APPROVED', latestVersion: false });
    const versions = async (query: string): Promise<number[]> =>
      (await t.das('GET', `/resources/${DEV}?filter.ids=${id}${query}`)).body.data.map((one) => one.version);
    expect(await versions('')).toEqual([1, 2]);
    expect(await versions('&filter.latestVersion=true')).toEqual([2]);
    const query = 'filter.types=exstrapplication&filter.states=APPROVED&filter.latestVersion=true';
    const approved = (await t.das('GET', `/resources/${DEV}?${query}`)).body.data;
    expect(approved.find((one) => one.id === id)).toMatchObject({ version: 1 });
  });

  test('a move the workflow does not have is 409 with a number that looks made up', async () => {
    const { id } = await draft(t);
    const reply = await move(DEV, id, 'APPROVED', 'tenure');
    expect([reply.status, reply.body.errorCode, reply.headers.get('x-standin-chosen')]).toEqual([
      409,
      900_410,
      'BAD_MOVE',
    ]);
    expect((await get(DEV, id)).state).toBe('DRAFT');
  });

  test('moving to the state it is in is a no-op that succeeds', async () => {
    const { id } = await draft(t);
    expect((await move(DEV, id, 'DRAFT', BEN)).status).toBe(200);
    expect((await t.das('GET', `/resources/${DEV}/history/${id}`)).body.data).toHaveLength(1);
  });

  test('who may not approve gets 403', async () => {
    const { id } = await t.asset(DEV, 'Premiere Invitation');
    expect((await move(DEV, id, 'APPROVED', BEN)).status).toBe(403);
    expect((await move(DEV, id, 'APPROVED', CHIARA)).status).toBe(200);
  });

  test('approving what links to unapproved assets is refused', async () => {
    const [subject, object] = [await draft(t), await draft(t)];
    const saved = await t.control<{ links: object[] }>('GET', '/state');
    saved.links.push({ linkSubjectId: subject.id, subjectVersion: 1, linkObjectId: object.id });
    await t.control('PUT', '/state', saved);
    await move(DEV, subject.id, 'REVIEW', BEN);
    expect((await move(DEV, subject.id, 'APPROVED', CHIARA)).body).toMatchObject({ status: 409, errorCode: 900_415 });
    await t.choose('CHILDREN_APPROVED', 'ignored');
    expect((await move(DEV, subject.id, 'APPROVED', CHIARA)).status).toBe(200);
  });
});

test('SIMPLE has DRAFT and APPROVED only', async () => {
  const { id } = await t.asset('Regional EMEA', 'Regional Notice');
  expect((await move('Regional EMEA', id, 'DRAFT', 'tenure')).body.data.state).toBe('DRAFT');
  expect((await move('Regional EMEA', id, 'REVIEW', 'tenure')).status).toBe(409);
  expect((await move('Regional EMEA', id, 'APPROVED', 'tenure')).body.data.state).toBe('APPROVED');
});

describe('ADVANCED', () => {
  test('an approval at one level leaves the asset pending at the next', async () => {
    const { id } = await t.asset(PROD, 'Rights Clearance Letter');
    expect((await move(PROD, id, 'APPROVED', GRACE)).status).toBe(403);
    const first = await move(PROD, id, 'APPROVED', CHIARA);
    expect(first.body.data).toMatchObject({
      state: 'REVIEW',
      approvalInfo: {
        pending: true,
        approvals: [
          { role: 'reviewer', level: 1, approved: true, pending: false },
          { role: 'release approver', level: 2, approved: false, pending: true },
        ],
      },
    });
    const [listed] = (await t.das('GET', `/resources/${PROD}?filter.ids=${id}&fetchApproval=true`)).body.data;
    expect(listed?.approvalInfo).toEqual(first.body.data.approvalInfo);
    expect((await move(PROD, id, 'APPROVED', GRACE)).body.data.state).toBe('APPROVED');
  });

  test('with restrictApproval the last modifier may not approve, or the creator, or nobody is barred', async () => {
    const { id } = await t.asset(PROD, 'Rights Clearance Letter');
    await t.act('edit', { as: CHIARA, resource: id, text: 'new words' });
    const own = await move(PROD, id, 'APPROVED', CHIARA);
    expect([own.status, own.body.errorCode]).toEqual([403, 900_412]);
    await t.choose('RESTRICT_APPROVAL', 'creator');
    expect((await move(PROD, id, 'APPROVED', CHIARA)).status).toBe(200);
  });

  test('levels in any order, when chosen', async () => {
    const { id } = await t.asset(PROD, 'Rights Clearance Letter');
    await t.choose('ADVANCED_LEVELS', 'any order');
    expect((await move(PROD, id, 'APPROVED', GRACE)).body.data.state).toBe('REVIEW');
    expect((await move(PROD, id, 'APPROVED', CHIARA)).body.data.state).toBe('APPROVED');
  });

  test('a rejection ends the review at every level', async () => {
    const { id } = await t.asset(PROD, 'Rights Clearance Letter');
    expect((await move(PROD, id, 'REJECTED', CHIARA)).body.data).toMatchObject({ state: 'REJECTED' });
    expect((await get(PROD, id)).approvalInfo).toMatchObject({ pending: false, approvals: [] });
    expect((await move(PROD, id, 'DRAFT', ADA)).body.data.state).toBe('DRAFT');
  });
});

describe('locks', () => {
  test("a leaver's locked draft is freed by a tenant administrator with force", async () => {
    const { id } = await t.asset(DEV, 'Trailer Notice');
    const path = `/resources/${DEV}/${id}/lock`;
    expect((await move(DEV, id, 'REVIEW', BEN)).body).toMatchObject({ status: 409, errorCode: 900_411 });
    expect((await t.das('POST', path, { as: BEN })).status).toBe(409);
    expect((await t.das('DELETE', path)).status).toBe(409);
    expect((await t.das('DELETE', `${path}?force=true`, { as: BEN })).status).toBe(403);
    expect((await t.das('DELETE', `${path}?force=true`)).status).toBe(200);
    expect((await move(DEV, id, 'REVIEW', BEN)).status).toBe(200);
  });

  test('content can be changed in DRAFT only, and not past a lock', async () => {
    const { id } = await draft(t);
    const put = (as: string): Promise<Answer> => {
      const body = new FormData();
      body.set('file', new Blob(['x']), 'x.txt');
      return t.das('PUT', `/resources/${DEV}/${id}/content`, { as, body });
    };
    await t.das('POST', `/resources/${DEV}/${id}/lock`, { as: ADA });
    expect((await put(BEN)).body.errorCode).toBe(900_411);
    expect((await put(ADA)).status).toBe(200);
    await move(DEV, id, 'REVIEW', ADA);
    expect((await put(ADA)).body.errorCode).toBe(900_410);
    expect((await t.das('PUT', `/resources/${DEV}/${id}/content`, { as: ADA, body: 'no multipart' })).status).toBe(409);
  });
});

describe('bulk', () => {
  type Lists = Record<string, { id: string }[]>;
  const bulk = async (resourceIds: string[], state: string, as: string): Promise<{ status: number; lists: Lists }> => {
    const reply = await t.das('PUT', `/resources/${DEV}/state`, {
      as,
      body: { state, auditedComment: 'bulk', resourceIds },
    });
    return { status: reply.status, lists: reply.body.data as unknown as Lists };
  };

  test('an HTTP success may hide failures: each asset is in the list of its fate', async () => {
    const fresh = await draft(t);
    const elsewhere = await t.asset(PROD, 'Welcome Letter');
    const [locked, rejected] = [await t.asset(DEV, 'Trailer Notice'), await t.asset(DEV, 'Holiday Card')];
    const ids = [fresh, elsewhere, locked, rejected].map((one) => one.id);
    const { status, lists } = await bulk([...ids, '00000000-0000-4000-8000-00000000dead'], 'REVIEW', BEN);
    const fate = Object.fromEntries(Object.entries(lists).map(([name, rows]) => [name, rows.map((row) => row.id)]));
    expect([status, fate]).toEqual([
      200,
      {
        stateChangedResources: [fresh.id],
        domainNotFoundExceptionResources: [elsewhere.id],
        permissionDeniedExceptionResources: [],
        resourceLockedExceptionResources: [locked.id],
        invalidStateForUpdateExceptionResources: [rejected.id],
        notAllChildrenApprovedExceptionResources: [],
        workflowExceptionResources: [],
        unexpectedExceptionResources: [],
        errorResources: ['00000000-0000-4000-8000-00000000dead'],
      },
    ]);
  });

  test('200 even when every item failed, or 409 when chosen', async () => {
    const { id } = await t.asset(DEV, 'Premiere Invitation');
    expect((await bulk([id], 'APPROVED', BEN)).lists['permissionDeniedExceptionResources']).toHaveLength(1);
    await t.choose('BULK_STATUS', 409);
    expect((await bulk([id], 'APPROVED', BEN)).status).toBe(409);
  });

  test('special fault partialBulk: every second one fails', async () => {
    const ids = [(await draft(t)).id, (await draft(t)).id];
    await t.special('partialBulk');
    const { lists } = await bulk(ids, 'REVIEW', BEN);
    expect([lists['stateChangedResources']?.length, lists['unexpectedExceptionResources']?.length]).toEqual([1, 1]);
  });
});

describe('special faults on one asset', () => {
  test('stateMoved: somebody else was quicker', async () => {
    const { id } = await t.asset(DEV, 'Premiere Invitation');
    await t.special('stateMoved');
    expect((await move(DEV, id, 'APPROVED', CHIARA)).status).toBe(409);
    expect(await get(DEV, id)).toMatchObject({ state: 'REJECTED', lastModifiedBy: 'someone.else@staff' });
  });

  test('lockTaken: the lock is somebody else’s', async () => {
    const { id } = await draft(t);
    await t.special('lockTaken');
    expect((await move(DEV, id, 'REVIEW', BEN)).body.errorCode).toBe(900_411);
  });

  test('plainHistory: rows without historyType, as in 21.2', async () => {
    const { id } = await draft(t);
    await t.special('plainHistory');
    const rows = (await t.das('GET', `/resources/${DEV}/history/${id}`)).body.data;
    expect(rows.map((row) => 'historyType' in row)).toEqual([false]);
  });
});
