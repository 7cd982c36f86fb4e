import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Trial } from './trial.ts';
import { startTrial } from './trial.ts';

const running: Trial[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const trial of running.splice(0)) await trial.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function start(dataDir?: string): Promise<Trial> {
  const trial = await startTrial(dataDir);
  running.push(trial);
  return trial;
}

type Users = Record<string, { email: string; status: string; first_name: string; groups: string[] }>;

describe('the seed', () => {
  test('has the traps: other case, a leaver, an orphan, two of one name', async () => {
    const iconik = await start();
    const users = Object.values(await iconik.control<Users>('GET', '/state/users'));
    const emails = users.map((user) => user.email);
    expect(emails).toContain('Ada.Byrne@Northwind.example');
    expect(emails).toContain('victor.lang@northwind.example');
    expect(users.filter((user) => user.first_name === 'Alex')).toHaveLength(2);
    const tom = await iconik.user('tom.weber@northwind.example');
    expect(tom.status).toBe('ACTIVE');
    const access = await iconik.control<Record<string, { mark: string; grantee_id: string }>>('GET', '/state/access');
    expect(
      Object.values(access)
        .filter((row) => row.grantee_id === tom.id)
        .map((row) => row.mark),
    ).toEqual(['direct']);
    const apps = await iconik.control<Record<string, { default_user_id: string }>>('GET', '/state/apps');
    expect(Object.values(apps).filter((app) => app.default_user_id === tom.id)).toHaveLength(1);
    expect((await iconik.api('GET', `assets/v1/shares/all/?owner_id=${tom.id}`)).body.objects).toHaveLength(1);
  });

  test('is the same each time, and grows with the company', async () => {
    const iconik = await start();
    const before = await iconik.control('GET', '/state');
    await iconik.owner('POST', 'users/v1/teams/', { name: 'Passing' });
    await iconik.control('POST', '/reset');
    expect(await iconik.control('GET', '/state')).toEqual(before);
    await iconik.control('POST', '/reset', { people: 200, seed: 'other' });
    const more = Object.keys(await iconik.control<Users>('GET', '/state/users')).length;
    expect(more).toBeGreaterThan(40);
  });
});

describe('the state', () => {
  test('that was saved can be put back, background work included', async () => {
    const iconik = await start();
    const legal = await iconik.team('Legal');
    const [root, sub] = [await iconik.root('Contractors'), 'Work in Progress'];
    const body = { object_keys: [root.id], group_ids: [legal.id], permissions: ['read'] };
    await iconik.api('PUT', 'acls/v1/acl/_propagating_collections/', { body });
    const saved = await iconik.control<object>('GET', '/state');
    await iconik.control('POST', '/reset');
    await iconik.control('PUT', '/state', saved);
    await iconik.control('POST', '/clock', { advance: 3 });
    const contents = await iconik.api('GET', `assets/v1/collections/${root.id}/contents/`);
    const below = contents.body.objects.find((one) => one.title === sub);
    const acl = async (): Promise<string[]> => {
      const answer = await iconik.api('GET', `acls/v1/acl/collections/${below?.id}/`);
      return answer.body.inherited_groups_acl.map((row) => row.group_id);
    };
    while (!(await acl()).includes(legal.id)); // the first request after the delay sets the late work going
  });

  test('outlives a restart on the same folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'iconik-'));
    folders.push(folder);
    const first = await start(folder);
    const team = (await first.owner('POST', 'users/v1/teams/', { name: 'Night Shift' })).body;
    await first.close();
    running.splice(running.indexOf(first), 1);
    const second = await start(folder);
    expect((await second.api('GET', `users/v1/teams/${team.id}/`)).body.name).toBe('Night Shift');
  });
});

describe('what people do by hand', () => {
  test('edits of a user, a membership and rows are in the ledger as theirs', async () => {
    const iconik = await start();
    const ada = 'Ada.Byrne@Northwind.example';
    await iconik.act('edit', { as: 'omar.haddad@northwind.example', user: ada, set: { status: 'BLOCKED' } });
    const entry = await iconik.lastEntry();
    expect(entry).toMatchObject({ caller: 'control:omar.haddad@northwind.example', method: 'ACT', path: 'edit' });
    expect(entry.writes).toMatchObject([
      { object: 'user', before: { status: 'ACTIVE' }, after: { status: 'BLOCKED' } },
    ]);
    await iconik.act('edit', { user: ada, group: 'Legal', present: true });
    expect((await iconik.lastEntry()).writes).toMatchObject([{ object: 'membership', before: null }]);
    await iconik.act('edit', { user: ada, collection: 'Legal', permissions: ['read'] });
    await iconik.act('edit', { group: 'Legal', collection: 'Marketing', permissions: ['read'], propagating: true });
    const access = Object.values(
      await iconik.control<Record<string, { mark: string; from: string | null }>>('GET', '/state/access'),
    );
    expect(access.filter((row) => row.mark === 'direct').length).toBeGreaterThan(1);
    await iconik.act('edit', { user: ada, collection: 'Legal', permissions: null });
    expect((await iconik.lastEntry()).writes).toMatchObject([{ object: 'acl', after: null }]);
  });

  test.each([
    ['fly', {}],
    ['edit', { user: 'ben.otto@northwind.example', set: { wings: 2 } }],
    ['edit', { user: 'nobody@northwind.example', set: {} }],
    ['accessModel', { model: 'new' }],
    ['choose', { constant: 'nothing', value: 1 }],
    ['choose', { constant: 'pageBeyondEnd', value: 500 }],
    ['share', { as: 'ben.otto@northwind.example', collection: 'Finished' }],
  ])('%s with wrong input is refused with a sentence', async (action, rest) => {
    const iconik = await start();
    await expect(iconik.act(action, rest)).rejects.toThrow(/40[04] .*\.\W*$/);
  });
});
