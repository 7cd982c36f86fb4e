import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CHECKS } from './covers/checks.ts';
import { fits, startRecorder } from './covers/recorder.ts';
import type { Recorder } from './covers/recorder.ts';
import { OPEN_ROUTES, ROUTE_NAMES } from './routes.ts';

/**
 * One row per route: where the contract has it, its mark there (`C` confirmed, `I` inferred, `U` unknown), how it is sent
 * and which statuses it answers. 401 belongs to every row but the open ones and is tried for each below.
 */
type Row = { section: string; mark: string; method: string; path: string; forms: string[]; statuses: number[] };

const file = new URL('coverage.json', import.meta.url);
const ROWS = JSON.parse(readFileSync(file, 'utf8')) as Row[];
const nameOf = (row: Row): string => `${row.method} ${row.path}`;

let t: Recorder;
const covered = new Set<string>();
beforeAll(async () => {
  t = await startRecorder({ strict: true });
});
afterEach(() => {
  t.seen = [];
});
afterAll(async () => {
  await t.standIn.close();
  const confirmed = ROWS.filter((row) => row.mark === 'C');
  const done = confirmed.filter((row) => covered.has(nameOf(row))).length;
  const others = ROWS.length - confirmed.length;
  process.stdout.write(
    `otds: ${done} of ${confirmed.length} routes of the contract, and ${others} that it infers or leaves open\n`,
  );
});

test('every row has a handler, every handler a row, and both a check', () => {
  const rows = ROWS.map(nameOf).sort();
  expect(rows).toEqual([...ROUTE_NAMES].sort());
  expect(Object.keys(CHECKS).sort()).toEqual(rows);
});

describe('each route is sent in its forms, answers its statuses, and its effect can be read back', () => {
  test.each(ROWS.map((row) => [nameOf(row), row] as const))('%s', async (name, row) => {
    await CHECKS[name]?.(t);
    const mine = t.seen.filter((one) => one.method === row.method && fits(row.path, one.path));
    expect([...new Set(mine.map((one) => one.status))].sort()).toEqual(row.statuses);
    expect([...new Set(mine.map((one) => one.form))].sort()).toEqual(row.forms);
    covered.add(name);
  });
});

describe('every route but the open ones asks for a credential', () => {
  const some = ROWS.filter((row) => !OPEN_ROUTES.includes(nameOf(row)));

  test.each(some.map((row) => [nameOf(row), row] as const))('%s', async (_, row) => {
    const path = row.path.replace('{partition}', 'staff').replace(/\{\w+\}/g, 'x');
    for (const as of [null, '*OTDSSSO*none*']) {
      const answer = await t.send(row.method, path, { as });
      expect([answer.status, typeof (answer.body['error'] ?? answer.body['detail'])]).toEqual([401, 'string']);
    }
  });
});
