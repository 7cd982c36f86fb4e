import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CHECKS } from './covers/checks.ts';
import type { Recorder } from './covers/recorder.ts';
import { fits, startRecorder } from './covers/recorder.ts';
import { SECRETS } from './seed.ts';
import { ROUTE_NAMES } from './standIn.ts';

/**
 * One row per route: where the contract has it (`OAS`: only the vendor's API description has), how it is sent and which
 * statuses it answers. 401, 420 and 429 belong to every row but the public ones and are tried for each below.
 */
type Row = { section: string; method: string; path: string; forms: string[]; statuses: number[] };

const file = new URL('coverage.json', import.meta.url);
const ROWS = JSON.parse(readFileSync(file, 'utf8')) as Row[];
const nameOf = (row: Row): string => `${row.method} ${row.path}`;

let t: Recorder;
let covered = 0;
beforeAll(async () => {
  t = await startRecorder();
});
afterEach(() => {
  t.seen = [];
});
afterAll(async () => {
  await t.close();
  process.stdout.write(`cloudinary: ${covered} of ${ROWS.length} routes covered\n`);
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
    expect(new Set(mine.map((one) => one.status))).toEqual(new Set(row.statuses));
    expect([...new Set(mine.map((one) => one.form))]).toEqual(expect.arrayContaining(row.forms));
    covered++;
  });
});

describe('every route but the public ones asks for its own credential, and is counted', () => {
  const filled = (path: string): string =>
    path
      .replace('{cloud_name}', SECRETS.cloud)
      .replace('{account_id}', SECRETS.accountId)
      .replace(/\{([^}]+)\}/g, (_, name: string) => /:(\w+)/.exec(name)?.[1] ?? 'x');
  const some = ROWS.filter((row) => !row.path.includes('/public/'));

  test.each(some.map((row) => [nameOf(row), row] as const))('%s', async (_, row) => {
    const account = row.path.includes('/accounts/');
    // The credential of the other plane is as good as none.
    const pair = account
      ? `${SECRETS.apiKey}:${SECRETS.apiSecret}`
      : `${SECRETS.provisioningKey}:${SECRETS.provisioningSecret}`;
    const headers = { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
    const answer = await fetch(t.url + filled(row.path), { method: row.method, headers });
    expect(answer.status).toBe(401);
    await answer.text();
  });
});
