import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { SYNC_KEY } from './seed.ts';
import type { Item, Trial } from './trial.ts';
import { startTrial } from './trial.ts';

/** Who may what: Permissions v2, folder invites, and what follows from the folder tree. */
let t: Trial;
beforeAll(async () => {
  t = await startTrial();
});
afterEach(() => t.control('POST', '/reset'));
afterAll(() => t.close());

const VIEWER = 'cld::role::folder::viewer';
const EDITOR = 'cld::role::folder::editor';
const MANAGER = 'cld::role::folder::manager';
const ADA = 'Ada.Byrne@Northwind.example';
const CHIARA = 'chiara.rossi@northwind.example';
type Row = { type: string; id: string; folder_id: string; roles: { id: string; inherited: boolean }[] };

async function sync(): Promise<string> {
  const env = await t.environment();
  const { body } = await t.account('GET', `/sub_accounts/${env.id}/access_keys`);
  const key = (body['access_keys'] as Item[]).find((one) => one['api_key'] === SYNC_KEY);
  return `${SYNC_KEY}:${String(key?.['api_secret'])}`;
}

const KEY_PRINCIPAL = { type: 'apiKey', id: SYNC_KEY };

async function invite(folder: string, principal: object, roles: string[], o: { remove?: boolean; as?: string } = {}) {
  const path = `/folder_operations/invite/${await t.folder(folder)}`;
  const body = { principal, operation: o.remove ? 'remove' : 'add', roles };
  return t.env('POST', path, { body, ...(o.as === undefined ? {} : { as: o.as }) });
}

async function shared(folder: string): Promise<Row[]> {
  return (await t.env('GET', `/folder_operations/invite/${await t.folder(folder)}`)).body['shared_with'] as Row[];
}

/** Folders that somebody sees, as reviewers read it. */
async function sees(email: string): Promise<string[]> {
  const rows = await t.control<{ folder: string }[]>('GET', `/state/access/${email}`);
  return rows.map((row) => row.folder).sort();
}

describe('folder invites', () => {
  test('rights inherit down; a row tells where its role was set', async () => {
    const rows = await shared('Marketing/EMEA');
    const marketing = await t.folder('Marketing');
    const group = rows.find((row) => row.type === 'group');
    expect(group).toMatchObject({ folder_id: marketing, roles: [{ inherited: true }] });
    expect(rows.find((row) => row.type === 'user')).toMatchObject({ roles: [{ id: MANAGER, inherited: false }] });
  });

  test('a move changes access: what came from above is lost, what was set on the folder stays', async () => {
    expect(await sees(ADA)).toContain('Marketing/APAC');
    await t.env('PUT', '/folders/Marketing%2FAPAC', { body: { to_folder: 'Legal/APAC' } });
    await t.env('PUT', '/folders/Marketing%2FEMEA', { body: { to_folder: 'Legal/EMEA' } });
    expect(await sees(ADA)).not.toContain('Legal/APAC');
    expect(await sees(ADA)).toContain('Legal/EMEA');
    expect(await sees(CHIARA)).toContain('Legal/APAC');
  });

  test('removing an inherited role at a child changes nothing, or is refused', async () => {
    const group = await t.group('Marketing');
    const principal = { type: 'group', id: group.id };
    const contributor = 'cld::role::folder::contributor';
    const answer = await invite('Marketing/EMEA', principal, [contributor], { remove: true });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-standin-chosen')).toContain('removeInheritedRole');
    expect((await shared('Marketing/EMEA')).some((row) => row.id === group.id)).toBe(true);
    await t.choose('removeInheritedRole', 400);
    expect((await invite('Marketing/EMEA', principal, [contributor], { remove: true })).status).toBe(400);
  });

  test('a new key gets 403 until the root key grants it the folder; then it sees that branch only', async () => {
    const as = await sync();
    const read = async (path: string): Promise<number> => (await t.env('GET', `/folders/${path}`, { as })).status;
    expect(await read('Marketing')).toBe(403);
    expect((await invite('Marketing', KEY_PRINCIPAL, [VIEWER])).status).toBe(200);
    expect(await read('Marketing')).toBe(200);
    expect(await read('Legal')).toBe(403);
    const found = await t.env('POST', '/resources/search', { as, body: { expression: '' } });
    const folders = (found.body['resources'] as { asset_folder: string }[]).map((one) => one.asset_folder);
    expect(new Set(folders)).toEqual(new Set(['Marketing', 'Marketing/Campaigns', 'Marketing/EMEA']));
  });

  test('permitted_roles and grants go up to the own level', async () => {
    const as = await sync();
    await invite('Marketing', KEY_PRINCIPAL, [MANAGER]);
    await invite('Legal', KEY_PRINCIPAL, [VIEWER]);
    const permitted = async (folder: string): Promise<string[]> => {
      const path = `/folder_operations/invite/${await t.folder(folder)}?permitted_roles=true`;
      return ((await t.env('GET', path, { as })).body['permitted_roles'] as Item[]).map((role) => role.id);
    };
    expect(await permitted('Marketing')).toContain(MANAGER);
    expect(await permitted('Legal')).toEqual([VIEWER]);
    const ben = await t.user('ben.otto@northwind.example');
    const principal = { type: 'user', id: ben.id };
    expect((await invite('Legal', principal, [EDITOR], { as })).status).toBe(403);
    expect((await invite('Marketing/EMEA', principal, [MANAGER], { as })).status).toBe(200);
  });

  test('a folder role alone opens nothing: the Media Library has to be entered by ml_user', async () => {
    const made = await t.account('POST', '/users', { body: { name: 'Solo', email: 'solo@x.example' } });
    await t.act('acceptInvitation', { email: 'solo@x.example' });
    await invite('Finished', { type: 'user', id: String(made.body['id']) }, [EDITOR]);
    expect(await sees('solo@x.example')).toEqual([]);
    const env = await t.environment();
    const principals = [{ principal_type: 'user', principal_id: made.body['id'], scope_id: env.id }];
    await t.permissions('PUT', '/roles/cld::role::prodenv::ml_user/principals', {
      body: { operation: 'add', principals },
    });
    expect(await sees('solo@x.example')).toEqual(['Finished']);
  });

  test('direct grants survive group removal', async () => {
    const tom = await t.user('tom.weber@northwind.example');
    const env = await t.environment();
    const principals = [{ principal_type: 'user', principal_id: tom.id, scope_id: env.id }];
    await t.permissions('PUT', '/roles/cld::role::prodenv::ml_user/principals', {
      body: { operation: 'add', principals },
    });
    const group = await t.group('Post Production');
    await t.account('DELETE', `/user_groups/${group.id}/users/${tom.id}`);
    expect(await sees('tom.weber@northwind.example')).toEqual(['Legal', 'Legal/Rights']);
    await t.account('PUT', `/users/${tom.id}`, { body: { enabled: false } });
    expect(await sees('tom.weber@northwind.example')).toEqual([]);
  });

  test('in fixed mode a move changes the public id', async () => {
    await t.act('settings', { folderMode: 'fixed' });
    const body = { file: 'data:text/plain,x', public_id: 'Finished/poster' };
    const made = (await t.env('POST', '/image/upload', { body })).body;
    expect(made['asset_folder']).toBe('Finished');
    await t.env('PUT', '/folders/Finished', { body: { to_folder: 'Done' } });
    const moved = await t.env('GET', `/resources/${String(made['asset_id'])}`);
    expect(moved.body['public_id']).toBe('Done/poster');
  });
});

describe('permissions v2', () => {
  test('a legacy account has neither v2 nor invites', async () => {
    await t.act('settings', { mode: 'legacy' });
    const answer = await t.permissions('GET', '/roles?permission_type=global');
    expect([answer.status, answer.body]).toMatchObject([403, { error: { message: 'not allowed' } }]);
    await t.choose('legacyPermissions', 404);
    expect((await t.permissions('GET', '/roles?permission_type=global')).status).toBe(404);
    expect((await t.env('GET', '/folder_operations/invite/x')).status).toBe(404);
    expect((await t.account('GET', '/users')).status).toBe(200);
  });

  test('a content role without its parameter is refused with actual and required', async () => {
    const [env, ben] = [await t.environment(), await t.user('ben.otto@northwind.example')];
    const body = {
      operation: 'add',
      principal: { type: 'user', id: ben.id },
      roles: [{ id: VIEWER, scope_id: env.id }],
    };
    const { error } = (await t.permissions('PUT', '/principal_roles', { body })).body;
    expect(error).toMatchObject({ code: 'ACCOUNTS_00005', details: { actual: {}, required: ['folder_id'] } });
    const bare = { ...body, roles: [{ id: 'cld::role::prodenv::reports' }] };
    const missing = (await t.permissions('PUT', '/principal_roles', { body: bare })).body['error'];
    expect(missing).toMatchObject({ message: 'missing fields', details: { fields: ['scope_id'] } });
  });

  test('the two PUTs name a principal by different fields', async () => {
    const ben = await t.user('ben.otto@northwind.example');
    const principals = [{ type: 'user', id: ben.id }];
    const body = { operation: 'add', principals };
    const answer = await t.permissions('PUT', '/roles/cld::role::account::reports/principals', { body });
    expect(answer.body['error']).toMatchObject({ message: 'missing fields', details: { fields: ['principal_type'] } });
  });

  test('a refused list grants nothing at all', async () => {
    const [env, ben] = [await t.environment(), await t.user('ben.otto@northwind.example')];
    const one = { principal_type: 'user', principal_id: ben.id, scope_id: env.id };
    const body = { operation: 'add', principals: [one, { ...one, principal_id: 'nobody' }] };
    const path = '/roles/cld::role::prodenv::reports/principals';
    expect((await t.permissions('PUT', path, { body })).status).toBe(404);
    expect((await t.permissions('GET', path)).body['data']).toEqual([]);
  });

  test('dates are epoch seconds; policy_parameters is a list of names in a role and an object where it is held', async () => {
    const group = await t.group('Legal');
    const role = (await t.permissions('GET', `/roles/${VIEWER}`)).body['data'] as Item;
    expect(role['policy_parameters']).toEqual(['folder_id']);
    expect(Number.isInteger(role['created_at'])).toBe(true);
    const path = `/principal_roles?principal_type=group&principal_id=${group.id}&permission_type=content`;
    const [held] = (await t.permissions('GET', path)).body['data'] as Item[];
    expect(held?.['policy_parameters']).toEqual({ folder_id: await t.folder('Legal') });
  });

  test('inspect pages by a cursor at the top level, or inside data', async () => {
    await t.choose('inspectPageSize', 2);
    const seen: string[] = [];
    let cursor = '';
    do {
      const answer = await t.permissions('GET', `/principal_roles/inspect?scope_type=prodenv${cursor}`);
      const data = answer.body['data'] as { principals: Item[] };
      seen.push(...data.principals.map((one) => one.id));
      const next = answer.body['next_cursor'];
      cursor = typeof next === 'string' ? `&cursor=${next}` : '';
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(6);
    await t.choose('cursorPlace', 'data');
    const inside = await t.permissions('GET', '/principal_roles/inspect?scope_type=prodenv');
    expect(inside.body['data']).toHaveProperty('next_cursor');
  });

  test('a custom policy gives an API key what it says, and forbids', async () => {
    const [as, env, folder] = [await sync(), await t.environment(), await t.folder('Legal')];
    const policy = (effect: string): string =>
      `${effect}(principal == Cloudinary::APIKey::"${SYNC_KEY}", action in [Cloudinary::Action::"read"], resource is Cloudinary::Folder) when { resource.ancestor_ids.contains("${folder}") };`;
    const add = (effect: string) => {
      const body = { name: effect, policy_statement: policy(effect), scope_type: 'prodenv', scope_id: env.id };
      return t.permissions('POST', '/policies/custom', { body });
    };
    expect((await add('permit')).status).toBe(201);
    expect((await t.env('GET', '/folders/Legal%2FRights', { as })).status).toBe(200);
    expect((await t.env('GET', '/folders/Marketing', { as })).status).toBe(403);
    await add('forbid');
    expect((await t.env('GET', '/folders/Legal', { as })).status).toBe(403);
  });

  test('granting a held role is a repeat that the ledger shows', async () => {
    const group = await t.group('Legal');
    expect((await invite('Legal', { type: 'group', id: group.id }, [VIEWER])).status).toBe(200);
    expect((await t.lastEntry()).writes).toMatchObject([{ object: 'assignment', before: {}, after: {} }]);
    await t.choose('grantHeldRole', 409);
    expect((await invite('Legal', { type: 'group', id: group.id }, [VIEWER])).status).toBe(409);
  });
});
