import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CHECKS } from './covers/checks.ts';
import type { Recorder } from './covers/recorder.ts';
import { startRecorder } from './covers/recorder.ts';
import { ROUTE_NAMES } from './standIn.ts';
import type { Row } from './strict.ts';
import { ROWS, plainName } from './strict.ts';
import type { Trial } from './trial.ts';
import { startTrial } from './trial.ts';

/**
 * Every row of coverage.json is sent in strict mode, with every field and parameter that the contract has, and its
 * effect is read back by another route. 401 and a missing role belong to every row and are tried for each below.
 */
const nameOf = (row: Row): string => `${row.method} ${row.path}`;

let t: Recorder;
let covered = 0;
beforeAll(async () => {
  t = await startRecorder();
});
beforeEach(async () => {
  await t.control('POST', '/reset');
  t.seen = [];
});
afterAll(async () => {
  await t.close();
  process.stdout.write(`iconik: ${covered} of ${ROWS.length} routes of the contract\n`);
});

/** Requests to that route: its path fits, and no other row of the same method fits it more closely. */
function requestsTo(row: Row): Recorder['seen'] {
  const rivals = ROWS.filter((other) => other.method === row.method && other !== row);
  return t.seen.filter(
    (one) =>
      one.method === row.method &&
      fits(row.path, one.path) &&
      !rivals.some((other) => fits(other.path, one.path) && literals(other.path) > literals(row.path)),
  );
}

const fits = (pattern: string, path: string): boolean =>
  new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
const literals = (path: string): string =>
  path
    .split('/')
    .map((part) => (part.startsWith('{') ? '0' : '1'))
    .join('');

test('every row has a handler, every handler a row, and both a check', () => {
  const rows = ROWS.map(nameOf).sort();
  expect(rows).toEqual([...ROUTE_NAMES].sort());
  expect(Object.keys(CHECKS).sort()).toEqual(rows);
});

describe('each route is sent in its forms, answers its statuses, and its effect can be read back', () => {
  test.each(ROWS.map((row) => [nameOf(row), row] as const))('%s', async (name, row) => {
    await CHECKS[name]?.(t);
    const mine = requestsTo(row);
    expect(new Set(mine.map((one) => one.status))).toEqual(new Set(row.statuses));
    const sent = new Set(mine.flatMap((one) => [...one.body, ...one.query]));
    const form = [...(row.query ?? []), ...(row.body ?? []).filter((field) => !field.endsWith('!'))].map(plainName);
    expect([...sent]).toEqual(expect.arrayContaining(form));
    for (const one of mine.filter(({ status, text }) => status < 300 && text !== '')) {
      // "200 or 204": a body is not promised where there may be none.
      const fields = row.statuses.includes(204) ? [] : (row.fields ?? []);
      expect(Object.keys(JSON.parse(one.text) as object)).toEqual(expect.arrayContaining(fields));
    }
    covered++;
  });
});

const SOMETHING = '4f4c2b0e-0000-4000-8000-000000000001';
const filled = (path: string): string =>
  path
    .replace('{type}', 'collections')
    .replace('{o}', 'collections')
    .replace('{period}', 'day')
    .replace(/\{\w+\}/g, SOMETHING);

describe('refusals that belong to every row', () => {
  let other: Trial;
  beforeAll(async () => {
    other = await startTrial();
  });
  afterAll(() => other.close());

  const guarded = ROWS.filter((row) => row.open !== true);
  test.each(guarded.map((row) => [nameOf(row), row] as const))('401 without headers: %s', async (_, row) => {
    const answer = await other.api(row.method, filled(row.path), { as: null });
    expect([answer.status, answer.text]).toEqual([401, '{"errors":["Token is invalid"]}']);
  });

  const withRole = ROWS.filter((row) => row.role !== undefined);
  test.each(withRole.map((row) => [nameOf(row), row] as const))('403 without the role: %s', async (_, row) => {
    if (row.role === 'can_read_collections') return; // what every user type may do here
    await other.control('POST', '/reset');
    const as = await other.credentialsOf('Ada.Byrne@Northwind.example');
    const answer = await other.api(row.method, filled(row.path), { as });
    expect([answer.status, JSON.stringify(answer.body.errors)]).toEqual([403, expect.stringContaining(row.role ?? '')]);
  });
});
