/** A company whose people all have access on every system, exactly as the ledger wants it: nothing is left to change. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { matchesAny } from '../../../src/domain/entitlement.ts';
import type { Person } from '../../../src/domain/person.ts';
import type { Listed } from '../../../src/systems/port.ts';
import type { World } from './world.ts';

const signal = new AbortController().signal;

/** Everybody of the directory. */
export async function everybody({ wired }: World): Promise<Person[]> {
  const people: Person[] = [];
  for await (const page of wired.engine.directory.people({ signal })) people.push(...page);
  return people;
}

type Row = Record<string, unknown>;
type Rows = Record<string, Row>;

/** Gives everybody an account and access on each system, past all rules: in the stand-ins' own state, in the partners' files, as devices. */
export async function equip(world: World, people: readonly Person[]): Promise<void> {
  await inOtds(world, people);
  await inIconik(world, people);
  await inCloudinary(world, people);
  await inExstream(world);
  world.partners.write(people.map(({ who, fields }) => ({ who, mail: fields['email'] ?? '' })));
  const { devices } = world.wired.ledger;
  for (const { uuid } of people)
    await devices.register({ person: uuid, driver: 'fcm', platform: 'ios', token: `bench ${uuid}` });
}

async function edit(
  { standIns }: World,
  name: 'otds' | 'iconik' | 'cloudinary' | 'exstream',
  change: (state: Record<string, Rows>) => void,
): Promise<void> {
  const state = (await standIns.control(name, 'GET', '/state')) as Record<string, Rows>; // what the stand-in shows of itself
  change(state);
  await standIns.control(name, 'PUT', '/state', state);
}

const named = (rows: Rows | undefined, name: string): Row => {
  const found = Object.values(rows ?? {}).find((row) => row['name'] === name);
  if (!found) throw new Error(`The stand-in has no ${name}.`);
  return found;
};

async function inOtds(world: World, people: readonly Person[]): Promise<void> {
  const users = people.map(({ uuid }) => uuid);
  await edit(world, 'otds', (state) => {
    for (const name of ['Designers', 'Media Library Users'])
      (state['members'] ??= {})[String(named(state['groups'], name)['uuid'])] = { users, groups: [], roles: [] };
    const role = named(state['accessRoles'], 'Access to Exstream');
    const members = role['members'] as { users: string[] }; // of every access role
    members.users = [...new Set([...members.users, ...users])];
  });
}

const mailOf = (row: Row): string => String(row['email']).toLowerCase();

/** Accounts by mail, those that are missing made after `like`. */
function accounts(rows: Rows, people: readonly Person[], like: Row, id: () => string): Map<string, Row> {
  const byMail = new Map(Object.values(rows).map((row) => [mailOf(row), row]));
  for (const { fields } of people) {
    const email = fields['email'] ?? '';
    if (email === '' || byMail.has(email.toLowerCase())) continue;
    const row = { ...like, id: id(), email };
    rows[row.id] = row;
    byMail.set(email.toLowerCase(), row);
  }
  return byMail;
}

async function inIconik(world: World, people: readonly Person[]): Promise<void> {
  await edit(world, 'iconik', (state) => {
    const users = state['users'] ?? {};
    const ids = ['Marketing', 'Reviewer', 'Everyone'].map((name) => named(state['groups'], name)['id']);
    const like = Object.values(users).find((row) => String(row['email']).startsWith('emily.carter'));
    const byMail = accounts(users, people, like ?? {}, randomUUID);
    for (const { fields } of people) {
      const row = byMail.get((fields['email'] ?? '').toLowerCase());
      if (row) Object.assign(row, { groups: ids, primary_group: ids[0], status: 'ACTIVE' });
    }
  });
}

async function inCloudinary(world: World, people: readonly Person[]): Promise<void> {
  await edit(world, 'cloudinary', (state) => {
    const users = state['users'] ?? {};
    const like = Object.values(users).find((row) => String(row['email']).startsWith('ben.otto'));
    const byMail = accounts(users, people, like ?? {}, () => randomBytes(15).toString('hex'));
    const members = people.flatMap(({ fields }) => byMail.get((fields['email'] ?? '').toLowerCase())?.['id'] ?? []);
    named(state['groups'], 'Marketing')['users'] = [...new Set(members)];
  });
}

/** The carrying group has its role; groups of the seed have none, so that nothing comes by them. */
async function inExstream(world: World): Promise<void> {
  await edit(world, 'exstream', (state) => {
    const roleId = String(named(state['roles'], 'commdesigner')['id']);
    const rows = state['groupRoles'] ?? {};
    for (const [key, row] of Object.entries(rows))
      if (/@(staff|contractors)$/.test(String(row['group']))) delete rows[key];
    rows[`Development/${roleId}/designers@exstream.role`] = {
      group: 'Designers@exstream.role',
      roleId,
      domain: 'Development',
    };
  });
}

/** People written to the ledger at once. */
const AT_ONCE = 250;

/**
 * Writes into the ledger, for everybody, that exactly what each system shows now is desired, and links the accounts. `listed`: all rows of each
 * target. Answers how many accounts were nobody's.
 */
export async function desireWhatIs(
  world: World,
  url: string,
  people: readonly Person[],
  listed: ReadonlyMap<string, readonly Listed[]>,
): Promise<number> {
  const { managed } = world.wired.engine.policy().managed;
  const owner = ownersOf(people);
  const targets = new Map<string, Record<string, object>>(people.map(({ uuid }) => [uuid, {}]));
  const links: { person: string; target: string; native_id: string }[] = [];
  let nobodys = 0;
  for (const [target, rows] of listed) {
    for (const { nativeId, keys, actual } of rows) {
      const uuid = owner(keys);
      const mine = uuid === undefined ? undefined : targets.get(uuid);
      if (uuid === undefined || !mine || target in mine) {
        nobodys++;
        continue;
      }
      const held = actual.held.filter((h) => h.how === 'direct' && !h.closesOnLeave && matchesAny(managed, h.key));
      const grants = [{ rule: 'everybody', digest: 'bench', demand: 1, onFailure: 'continue' }];
      mine[target] = {
        account: target === 'push' || actual.account !== 'present' ? 'untouched' : 'active',
        whenUnused: 'keep',
        profile: actual.profile,
        entitlements: held.map(({ key }) => ({ key, grants })),
      };
      links.push({ person: uuid, target, native_id: nativeId });
    }
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (let from = 0; from < people.length; from += AT_ONCE) {
      const rows = people.slice(from, from + AT_ONCE).map((person) => ({ person, body: bodyOf(person, targets) }));
      const json = JSON.stringify(rows);
      await client.query(NOTE, [json]);
      await client.query(STORE, [json]);
    }
    await client.query(LINK, [JSON.stringify(links)]);
    await client.query('analyze');
  } finally {
    await client.end();
  }
  return nobodys;
}

const bodyOf = (person: Person, targets: ReadonlyMap<string, object>): object => ({
  person: { ...person, attributes: {} },
  standing: 'active',
  targets: targets.get(person.uuid) ?? {},
  conflicts: [],
  policyDigest: 'bench',
  digest: `bench ${person.uuid}`,
});

const NOTE = `select count(tenure_rules.note(p ->> 'uuid', p ->> 'login', p ->> 'partition', p ->> 'who'))
from jsonb_array_elements($1::jsonb) r, lateral (select r -> 'person' as p) x`;
const STORE = `select count(tenure_rules.store_desired(r #>> '{person,uuid}', 0, 0, r -> 'body', null, 1)) from jsonb_array_elements($1::jsonb) r`;
const LINK = `insert into tenure.link (person, target, native_id, how, by)
select person, target, native_id, 'created', 'tenure' from jsonb_to_recordset($1::jsonb) as l(person text, target text, native_id text)`;

function ownersOf(people: readonly Person[]): (keys: Listed['keys']) => string | undefined {
  const known = new Map(
    people.flatMap(({ uuid, who, fields }) => [
      [`id ${uuid}`, uuid] as const,
      [`login ${who.toLowerCase()}`, uuid] as const,
      [`email ${(fields['email'] ?? '').toLowerCase()}`, uuid] as const,
    ]),
  );
  return ({ id, login, email }) =>
    known.get(`id ${id ?? ''}`) ??
    known.get(`login ${login ?? ''}`) ??
    (email ? known.get(`email ${email}`) : undefined);
}
