import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ASSETS } from './coverageAssets.ts';
import { DESIGN } from './coverageDesign.ts';
import { RUNS } from './coverageRuns.ts';
import { ROUTES } from './routes/all.ts';
import type { Answer, Trial } from './trial.ts';
import { endTrials, startTrial } from './trial.ts';

/** Every row of coverage.json is sent, in strict mode, and its effect read back by another route. */

type Row = { section: string; method: string; path: string; forms: string[]; statuses: number[]; fields: string[] };

const ROWS = JSON.parse(readFileSync(new URL('coverage.json', import.meta.url), 'utf8')) as Row[]; // checked below
const SCENARIOS = { ...DESIGN, ...ASSETS, ...RUNS };
const LOGIN = /oauth2\/token$|credentials$|\/sgw\//;

function name(row: { method: string; path: string }): string {
  return `${row.method} ${row.path}`;
}

let t: Trial;
beforeAll(async () => {
  t = await startTrial({ strict: true });
});
afterAll(endTrials);

/** The values at a path such as `data[].domain.id`; `[]` means each of a list, which must not be empty. */
function valuesAt(value: unknown, path: string): unknown[] {
  const [head = '', ...rest] = path.split('.');
  const isList = head.endsWith('[]');
  const own = (value as Record<string, unknown> | undefined)?.[isList ? head.slice(0, -2) : head];
  const here = isList ? (Array.isArray(own) && own.length > 0 ? (own as unknown[]) : [undefined]) : [own];
  return rest.length === 0 ? here : here.flatMap((one) => valuesAt(one, rest.join('.')));
}

function missing(reply: Answer, row: Row): string[] {
  return row.fields.filter((field) =>
    valuesAt(reply.body, field).some((value) => value === undefined || value === null),
  );
}

test('every route has a row, every row a route and a scenario', () => {
  const rows = ROWS.map(name).toSorted();
  expect(ROUTES.map(name).toSorted()).toEqual(rows);
  expect(Object.keys(SCENARIOS).toSorted()).toEqual(rows);
  expect(ROUTES.map((route) => [name(route), route.section]).toSorted()).toEqual(
    ROWS.map((row) => [name(row), row.section]).toSorted(),
  );
});

let passed = 0;
describe('each row answers as the contract says', () => {
  test.each(ROWS.map((row) => [name(row), row] as const))('%s', async (key, row) => {
    const reply = await SCENARIOS[key]?.(t);
    expect(reply?.status).toBe(row.statuses[0]);
    expect(reply && missing(reply, row)).toEqual([]);
    expect(reply?.headers.get('x-stand-in')).toBe('exstream');
    passed += 1;
  });

  test('the count', () => {
    process.stdout.write(`exstream: ${passed} of ${ROWS.length} contract routes\n`);
    expect(passed).toBe(ROWS.length);
  });
});

const BARRED = ROWS.filter((row) => row.statuses.includes(401) && !LOGIN.test(row.path));

function filled(path: string, domain: string): string {
  return path.replace('{domain}', domain).replace(/\{\w+\}/g, '00000000-0000-4000-8000-00000000beef');
}

describe('refusals that every row lists', () => {
  test.each(BARRED.map((row) => [name(row), row] as const))('401 without a token: %s', async (_name, row) => {
    const reply = await t.raw(row.method, filled(row.path, 'Production'), { as: null });
    expect(reply.status).toBe(401);
    if (row.path.startsWith('/orchestration')) expect(reply.body.data[0]).toMatchObject({ statusCode: '401' });
    else expect(reply.body).toMatchObject({ status: 401, errorCode: 900_401, path: filled(row.path, 'Production') });
  });

  const inDomain = ROWS.filter((row) => row.path.includes('{domain}') && row.statuses.includes(404));
  test.each(inDomain.map((row) => [name(row), row] as const))('404 in an unknown domain: %s', async (_name, row) => {
    expect((await t.raw(row.method, filled(row.path, 'Nowhere'))).status).toBe(404);
  });

  const needingRights = inDomain.filter((row) => row.statuses.includes(403));
  test.each(needingRights.map((row) => [name(row), row] as const))(
    '403 without a role there: %s',
    async (_name, row) => {
      const reply = await t.raw(row.method, filled(row.path, 'Production'), { as: 'lena.fischer@contractors' });
      expect(reply.status).toBe(403);
      expect(reply.headers.get('x-standin-chosen')).toBe('NO_PERMISSION');
    },
  );
});
