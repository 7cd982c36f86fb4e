import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  FormsClient,
  fieldsOf,
  makeWorld,
  nowhere,
  pathOf,
  required,
  smallest,
  wrongly,
} from '../../sandbox/iconik/forms.ts';
import type { World } from '../../sandbox/iconik/forms.ts';
import { SERVICE } from '../../sandbox/iconik/seed.ts';
import type { Row } from '../../sandbox/iconik/strict.ts';
import { ROWS, plainName } from '../../sandbox/iconik/strict.ts';
import type { Answer, Trial } from '../../sandbox/iconik/trial.ts';
import { startTrial } from '../../sandbox/iconik/trial.ts';

/**
 * npm offers no client of iconik, so this suite is generated: for each route of the contract one good request and every
 * bad one that its request form allows, against the stand-in in strict mode. The client that PyPI offers was run on the
 * same routes; what came of it stands in sandbox/iconik/FINDINGS.md.
 */
let iconik: Trial;
let world: World;
beforeAll(async () => {
  iconik = await startTrial(undefined, true);
});
afterAll(() => iconik.close());
/** A world of its own, for requests that change it. */
async function newWorld(): Promise<void> {
  await iconik.control('POST', '/reset');
  world = await makeWorld(iconik);
  refused = Infinity;
}

/** Refused requests leave the world as it is; it is made anew only before the rate limit would answer. */
let refused = Infinity;
const MOST_REFUSED = 500;
async function someWorld(): Promise<void> {
  if (refused >= MOST_REFUSED) {
    await newWorld();
    refused = 0;
  }
  refused++;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

async function send(row: Row, path: string, body: Record<string, unknown> | undefined): Promise<Answer> {
  if (row.path.endsWith('/oauth/token/') && body) {
    return iconik.api(row.method, path, {
      as: null,
      headers: FORM,
      body: new URLSearchParams(body as never).toString(),
    });
  }
  return iconik.owner(row.method, path, body);
}

const cases = ROWS.map((row) => [`${row.method} ${row.path}`, row] as const);
/** Log-in needs a password or secret that somebody has set: the coverage test does that. */
const LOGIN = /simple\/login\/$|oauth\/token\/$/;

describe('the smallest request that the contract allows is answered as it says', () => {
  test.each(cases.filter(([name]) => !LOGIN.test(name)))('%s', async (_, row) => {
    await newWorld();
    const answer = await send(row, pathOf(row, world), smallest(row, world));
    if (!row.statuses.includes(answer.status) || answer.status >= 300)
      throw new Error(`${answer.status} ${answer.text}`);
    if (answer.text === '' || row.statuses.includes(204)) return;
    expect(Object.keys(JSON.parse(answer.text) as object)).toEqual(expect.arrayContaining(row.fields ?? []));
  });
});

/** A refusal that names the field and leaves nothing behind. */
async function refuses(row: Row, field: string, change: (body: Record<string, unknown>) => void): Promise<void> {
  await someWorld();
  const body = smallest(row, world) ?? {};
  change(body);
  const answer = await send(row, pathOf(row, world), body);
  expect([answer.status, JSON.stringify(answer.body.errors)]).toEqual([400, expect.stringContaining(field)]);
  expect((await iconik.lastEntry()).writes).toEqual([]);
}

const fields = (of: (row: Row) => string[]): [string, string, Row][] =>
  cases.flatMap(([name, row]) => of(row).map((field): [string, string, Row] => [name, field, row]));

describe('a required field that is missing is named, and nothing is done', () => {
  test.each(fields((row) => (LOGIN.test(row.path) ? [] : required(row))))('%s without %s', async (_, field, row) => {
    await refuses(row, field, (body) => delete body[field]);
  });
});

describe('a field of another type is named, and nothing is done', () => {
  test.each(fields((row) => (LOGIN.test(row.path) ? [] : fieldsOf(row))))(
    '%s with a wrong %s',
    async (_, field, row) => {
      const name = plainName(field);
      await refuses(row, name, (body) => (body[name] = wrongly(field)));
    },
  );
});

describe('a field or parameter that the contract does not know is named, and nothing is done', () => {
  test.each(cases)('%s', async (_, row) => {
    if (row.body) await refuses(row, 'surprise', (body) => (body['surprise'] = 1));
    await someWorld();
    const answer = await send(row, `${pathOf(row, world)}?surprise=1`, smallest(row, world));
    expect([answer.status, Object.keys(answer.body.errors)]).toEqual([400, ['surprise']]);
  });
});

describe('what is not there is 404, in JSON', () => {
  const some = cases.filter(([, row]) => row.statuses.includes(404) && row.path.includes('{'));
  test.each(some)('%s', async (_, row) => {
    await someWorld();
    const answer = await send(row, nowhere(row, world), smallest(row, world));
    expect([answer.status, Object.values(answer.body.errors)]).toEqual([404, [expect.stringMatching(/\S/)]]);
    expect((await iconik.lastEntry()).writes).toEqual([]);
  });
});

test('a client that knows only the contract leads a person through joining, moving and leaving', async () => {
  await iconik.control('POST', '/reset');
  const client = new FormsClient(iconik, SERVICE);
  const U = '/API/users/v1';
  const [marketing, legal] = [await iconik.team('Marketing'), await iconik.team('Legal')];
  const editor = await iconik.roleGroup('Editor');
  const joined = await client.call(
    `POST ${U}/users/`,
    {},
    {
      ...{ email: 'nina@northwind.example', first_name: 'Nina', last_name: 'New', type: 'STANDARD' },
      primary_group: marketing.id,
    },
  );
  const { id } = joined.body;
  await client.call(`POST ${U}/role_groups/{id}/users/{uid}/`, { id: editor.id, uid: id });
  const root = await iconik.root('Legal');
  const row = '/API/acls/v1/users/{id}/acl/{type}/{key}/';
  const place = { id, type: 'collections', key: root.id };
  expect((await client.call(`PUT ${row}`, place, { permissions: ['read'] })).status).toBe(201);

  await client.call(`POST ${U}/teams/{id}/users/{uid}/`, { id: legal.id, uid: id });
  await client.call(
    `PATCH ${U}/users/{id}/`,
    { id },
    { type: 'STANDARD', first_name: 'Nina', primary_group: legal.id },
  );
  await client.call(`DELETE ${U}/teams/{id}/users/{uid}/`, { id: marketing.id, uid: id });
  const moved = (await client.call(`GET ${U}/users/{id}/`, { id })).body;
  expect([moved.primary_group, moved.teams.includes(marketing.id), moved.role_groups]).toEqual([
    legal.id,
    false,
    [editor.id],
  ]);
  const found = await client.call(`GET ${U}/users/`, {}, { groups: legal.id, query: 'nina', per_page: 100 });
  expect(found.body.objects.map((user) => user.id)).toEqual([id]);

  await client.call(`PATCH ${U}/users/{id}/`, { id }, { type: 'STANDARD', first_name: 'Nina', status: 'INACTIVE' });
  await client.call(`DELETE ${U}/role_groups/{id}/users/{uid}/`, { id: editor.id, uid: id });
  await client.call(`DELETE ${row}`, place);
  expect((await client.call('GET /API/assets/v1/shares/all/', {}, { owner_id: id })).body.objects).toEqual([]);

  const stored = await iconik.control<{ status: string; groups: string[] }>('GET', `/state/users/${id}`);
  expect([stored.status, stored.groups.includes(editor.id), stored.groups.includes(legal.id)]).toEqual([
    'INACTIVE',
    false,
    true,
  ]);
  const access = await iconik.control<Record<string, { grantee_id: string }>>('GET', '/state/access');
  expect(Object.values(access).filter((one) => one.grantee_id === id)).toEqual([]);
  await expect(client.call(`POST ${U}/users/`, {}, { colour: 'blue' })).rejects.toThrow('takes no colour');
});
