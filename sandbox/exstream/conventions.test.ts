import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { importBody, packageOf } from './coverageAssets.ts';
import { held } from './coverageRuns.ts';
import type { Answer, Trial } from './trial.ts';
import { DEV, PROD, endTrials, startTrial } from './trial.ts';

/** Sections 2, 3 and 15: envelopes, paging, errors byte for byte, and the shapes that public clients require. */

let t: Trial;
beforeAll(async () => {
  t = await startTrial({ strict: true });
});
afterAll(endTrials);

const now = async (): Promise<number> => Date.parse((await t.control<{ clock: string }>('GET', '/clock')).clock);

/** The seven keys of a Design error, in the order they are sent; nothing else. */
function expectDesignError(
  reply: Answer,
  is: { status: number; error: string; errorCode: number; path: string; message: string },
): void {
  const { status, message, error, errorCode, path } = is;
  const exact = { timestamp: reply.body.timestamp, status, message, error, details: '', errorCode, path };
  expect(reply.text).toBe(JSON.stringify(exact));
  expect(typeof reply.body.timestamp).toBe('number');
  expect(reply.status).toBe(status);
}

describe('errors', () => {
  test('Design: exactly seven keys, numeric timestamp and status', async () => {
    const before = await now();
    const reply = await t.das('GET', '/roles', { as: null });
    expectDesignError(reply, {
      status: 401,
      error: 'Unauthorized',
      errorCode: 900_401,
      path: '/design/api/v1/roles',
      message: 'Full authentication is required to access this resource',
    });
    expect(reply.body.timestamp).toBeGreaterThanOrEqual(before);
  });

  test('Orchestration: status "error" and a textual statusCode', async () => {
    const reply = await t.orc('GET', `/runtime/${PROD}/jobs/${randomUUID()}`);
    expect(reply.status).toBe(404);
    const [row] = reply.body.data;
    expect(reply.text).toBe(
      JSON.stringify({
        status: 'error',
        data: [
          {
            errorMessage: (row as unknown as { errorMessage: string }).errorMessage,
            statusCode: '404',
            engineOutputContext: { queueName: '', fileName: '', customerNumber: '' },
          },
        ],
      }),
    );
  });

  test('every other path is 404 with the Design error body, on Orchestration with its own', async () => {
    const path = '/design/api/v1/users';
    expectDesignError(await t.raw('GET', path), {
      status: 404,
      error: 'Not Found',
      errorCode: 900_404,
      path,
      message: `No handler found for GET ${path}`,
    });
    expect((await t.raw('GET', '/empower/api/v1/version')).body.errorCode).toBe(900_404);
    expect((await t.orc('PUT', `/configuration/${PROD}`, { body: {} })).status).toBe(405);
  });

  test('409 with error 309016 is an import conflict', async () => {
    const id = randomUUID();
    const path = '/import/das/Testdomain?commit=true';
    const send = (version: number, policy?: string): Promise<Answer> =>
      t.das('POST', path, { body: importBody(packageOf(id, `imported ${id}`, version), policy) });
    expect((await send(1)).status).toBe(200);
    const reply = await send(2, 'ERROR');
    expect([reply.status, reply.body.errorCode]).toEqual([409, 309_016]);
    const logs = (await t.das('GET', '/import/logs')).body.data;
    expect(logs.at(-1)).toMatchObject({ status: 'FAILURE', error: 'Conflicting resources' });
    const skipped = await send(2, 'SKIP');
    expect([skipped.status, skipped.text.includes('"ignoredResources":[{')]).toEqual([200, true]);
    const latest = async (): Promise<number> => (await t.das('GET', `/resources/Testdomain/${id}`)).body.data.version;
    expect(await latest()).toBe(1);
    expect([(await send(2, 'REPLACE')).status, await latest()]).toEqual([200, 2]);
    expect((await send(1, 'ERROR')).text).toContain('"existingResources":[{');
    const broken = await t.das('POST', path, { body: importBody(Buffer.from('no zip')) });
    expect([broken.status, broken.body.errorCode]).toEqual([400, 900_400]);
  });

  test('an inner "401" means a wrong empowerUser, not our credential', async () => {
    const reply = await t.submit('Agency Statement', 'StatementDriver', { headers: { empowerUser: 'nobody' } });
    expect([reply.status, reply.headers.get('x-standin-chosen')]).toEqual([400, 'EMPOWER_REFUSED']);
    expect(reply.body.data[0]).toMatchObject({ statusCode: '401' });
    expect((await t.das('GET', '/version')).status).toBe(200);
  });

  test.each([
    ['no JSON', '{"group":', 'The request body must be a JSON object'],
    ['a list', '[]', 'The request body must be a JSON object'],
    ['no group', JSON.stringify({ roleName: 'reviewer', domain: { id: DEV } }), 'group is required'],
    ['no domain', JSON.stringify({ group: 'g@p', roleName: 'reviewer' }), 'domain.id is required'],
    ['no role', JSON.stringify({ group: 'g@p', domain: { id: DEV } }), 'roleId or roleName is required'],
  ])('400 for a body with %s', async (_what, body, message) => {
    const reply = await t.das('POST', '/group-roles', { body, headers: { 'content-type': 'application/json' } });
    expectDesignError(reply, {
      status: 400,
      error: 'Bad Request',
      errorCode: 900_400,
      path: '/design/api/v1/group-roles',
      message,
    });
  });

  test.each([
    '/resources/Production?filter.states=DONE',
    '/resources/Production?filter.createdDateStart=soon',
    '/roles?count=0',
    '/roles?offset=-1',
    '/roles?count=ten',
    '/domains?fetchChildren=1',
  ])('400 for the parameter of %s', async (path) => {
    expect((await t.das('GET', path)).body).toMatchObject({ status: 400, errorCode: 900_400 });
  });
});

describe('paging', () => {
  const ids = async (query: string): Promise<string[]> =>
    (await t.das('GET', `/resources/${PROD}?${query}`)).body.data.map((one) => one.id);

  test('offset counts rows, or pages when chosen: the probe of three ids tells', async () => {
    const [a, b, c] = await ids('count=3');
    expect(new Set([a, b, c]).size).toBe(3);
    expect(await ids('count=2&offset=1')).toEqual([b, c]);
    await t.choose('OFFSET_MEANS', 'page');
    expect((await ids('count=2&offset=1'))[0]).toBe(c);
    await t.choose('OFFSET_MEANS', 'rows');
  });

  test('count is clamped silently, and the page tells how much there is', async () => {
    await t.choose('COUNT_MAX', 5);
    const reply = await t.das('GET', `/resources/${PROD}?count=500&offset=5`);
    await t.choose('COUNT_MAX', 1000);
    const all = (await ids('count=1000')).length;
    expect(reply.headers.get('x-standin-chosen')).toContain('COUNT_MAX');
    expect(reply.body.page).toEqual({
      pageSize: 5,
      pageOffset: 5,
      totalElements: all,
      totalPages: Math.ceil(all / 5),
      currentPageNumber: 1,
    });
  });

  test('a row appearing between two pages shows an id twice', async () => {
    await t.special('rowAppears');
    const first = await ids('count=3');
    const second = await ids('count=3&offset=3');
    expect(second[0]).toBe(first.at(-1));
  });

  test('group-roles, permissions, history and schedules are lists without a page', async () => {
    for (const path of ['/group-roles', '/role-permissions', '/import/logs']) {
      const reply = await t.das('GET', path);
      expect([reply.status, Object.keys(reply.body)]).toEqual([200, ['status', 'data']]);
    }
    expect(Object.keys((await t.orc('GET', `/cron-jobs/${PROD}`)).body)).toEqual(['status', 'data']);
  });
});

describe('filters of Orchestration', () => {
  const total = async (filter: string, more = ''): Promise<number> =>
    (await t.orc('GET', `/runtime/${PROD}/jobs?filter=${filter}${more}`)).body.page.totalElements;

  test('pairs by ";" and lists by ",": a filter isolates a day, never a minute', async () => {
    await held(t);
    const day = new Date(await now()).toISOString().slice(0, 10);
    expect(
      await total(`mode:ONDEMAND;statuses:complete,holding;startDateStart:${day};startDateEnd:${day}`),
    ).toBeGreaterThan(0);
    expect(await total(`startDateStart:2040-01-01`)).toBe(0);
    expect(await total('statuses:error')).toBe(0);
    const wrong = await t.orc('GET', `/runtime/${PROD}/jobs?filter=startDateStart:${day}T10:00:00Z`);
    expect(wrong.status).toBe(400);
  });

  test('strict mode refuses a key that the contract does not know', async () => {
    expect((await t.orc('GET', `/runtime/${PROD}/jobs?filter=colour:red`)).status).toBe(400);
  });
});

describe('strict mode refuses what the contract does not know', () => {
  test.each([
    ['a parameter', (): Promise<Answer> => t.das('GET', '/roles?limit=3')],
    ['a field', (): Promise<Answer> => t.das('POST', '/roles', { body: { name: 'x', colour: 'red' } })],
    ['a header', (): Promise<Answer> => t.das('GET', '/roles', { headers: { 'x-tenant': 'northwind' } })],
    [
      'restrictionOverride',
      (): Promise<Answer> => t.das('PUT', `/resources/${DEV}/state`, { body: { restrictionOverride: 'x' } }),
    ],
  ])('%s', async (_what, send) => {
    expect((await send()).body).toMatchObject({ status: 400, errorCode: 900_416 });
  });

  test('and without it they are passed over', async () => {
    const lax = await startTrial();
    const reply = await lax.das('GET', '/roles?limit=3', { headers: { 'x-tenant': 'northwind' } });
    expect(reply.status).toBe(200);
  });
});

test('bare objects have no envelope', async () => {
  const set = await t.asset(PROD, 'Welcome Letter', 'exstrcommunicationset');
  for (const reply of [
    await t.das('GET', '/version'),
    await t.orc('GET', '/version'),
    await t.das('GET', `/manifests/${PROD}/communication-set/${set.id}`),
    await t.orc('GET', `/configuration/${PROD}/service/routed-letters`),
  ]) {
    expect([reply.status, 'data' in reply.body]).toEqual([200, false]);
  }
});

test('DELETE answers a generic body, or 204 when chosen', async () => {
  const body = { group: 'a@b', roleName: 'readonly', domain: { id: DEV } };
  await t.das('POST', '/group-roles', { body });
  expect((await t.das('DELETE', '/group-roles', { body })).text).toBe('{"status":"success"}');
  await t.choose('DELETED_STATUS', 204);
  await t.das('POST', '/group-roles', { body });
  expect([(await t.das('DELETE', '/group-roles', { body })).status]).toEqual([204]);
  await t.choose('DELETED_STATUS', 200);
});
