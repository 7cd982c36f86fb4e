import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SECRETS } from '../../sandbox/cloudinary/seed.ts';
import type { Trial } from '../../sandbox/cloudinary/trial.ts';
import { startTrial } from '../../sandbox/cloudinary/trial.ts';

/**
 * Cloudinary's own client from npm (`cloudinary`, version pinned in package.json), unmodified, against the stand-in in
 * strict mode: a person joins, moves and leaves, an asset is reviewed, and all of it is read back from the state.
 */
type Row = Record<string, unknown> & { id: string };
type Call = (...args: unknown[]) => Promise<Record<string, unknown>>;
type Client = {
  v2: {
    api: Record<string, Call>;
    uploader: Record<string, Call>;
    provisioning: { account: Record<string, Call> };
    utils: { verifyNotificationSignature(body: string, timestamp: number, signature: string): boolean };
    search: { expression(text: string): { with_field(name: string): { execute(): Promise<Record<string, unknown>> } } };
  };
};

const require = createRequire(import.meta.url);

function isInstalled(): boolean {
  try {
    require.resolve('cloudinary');
    return true;
  } catch {
    return false;
  }
}

const whenInstalled = isInstalled() ? describe : describe.skip;

whenInstalled('the public client of Cloudinary', () => {
  let t: Trial;
  let client: Client['v2'];

  beforeAll(async () => {
    t = await startTrial({ strict: true });
    const { apiKey, apiSecret, cloud, provisioningKey, provisioningSecret, accountId } = SECRETS;
    // The client reads where it goes, and whether by http, once: when it is loaded.
    process.env['CLOUDINARY_URL'] = `cloudinary://${apiKey}:${apiSecret}@${cloud}?upload_prefix=${t.url}`;
    process.env['CLOUDINARY_ACCOUNT_URL'] = `account://${provisioningKey}:${provisioningSecret}@${accountId}`;
    client = (require('cloudinary') as Client).v2;
  });
  afterAll(() => t.close());

  const account = (name: string, ...args: unknown[]) => call(client.provisioning.account, name, args);
  const api = (name: string, ...args: unknown[]) => call(client.api, name, args);
  const uploader = (name: string, ...args: unknown[]) => call(client.uploader, name, args);

  async function call(on: Record<string, Call>, name: string, args: unknown[]): Promise<Record<string, unknown>> {
    const method = on[name];
    if (!method) throw new Error(`The client has no ${name}.`);
    return method(...args);
  }

  const rows = (value: unknown): Row[] => value as Row[];

  test('a person joins, moves and leaves', async () => {
    const [env] = rows((await account('sub_accounts', true, [], 'prod'))['sub_accounts']);
    const mail = 'nina.new@northwind.example';
    const person = (await account('create_user', 'Nina New', mail, 'media_library_user', [env?.id])) as Row;
    expect(rows((await account('users', true, [person.id]))['users'])).toHaveLength(1);
    expect(rows((await account('users', false, [person.id]))['users'])).toHaveLength(0);
    await expect(account('create_user', 'Nina Again', mail, 'admin')).rejects.toMatchObject({
      error: { http_code: 409, message: 'This email already exists' },
    });

    const groups = rows((await account('user_groups'))['user_groups']);
    const id = (name: string): string => groups.find((group) => group['name'] === name)?.id ?? '';
    await account('add_user_to_group', id('Marketing'), person.id);
    await t.act('acceptInvitation', { email: mail });
    const sees = async (): Promise<string[]> =>
      (await t.control<{ folder: string }[]>('GET', `/state/access/${mail}`)).map((row) => row.folder).sort();
    expect(await sees()).toContain('Marketing/EMEA');

    await account('remove_user_from_group', id('Marketing'), person.id);
    const members = (await account('add_user_to_group', id('Legal'), person.id))['users'];
    expect(rows(members).map((user) => user.id)).toContain(person.id);
    await account('update_user', person.id, 'Nina Moved');
    expect(await sees()).toEqual(['Legal', 'Legal/Rights']);

    const stored = await t.control<{ enabled: boolean; name: string }>('GET', `/state/users/${person.id}`);
    expect(stored).toMatchObject({ name: 'Nina Moved', enabled: true });
    await account('remove_user_from_group', id('Legal'), person.id);
    expect(await account('delete_user', person.id)).toMatchObject({ message: 'ok' });
    await expect(t.control('GET', `/state/users/${person.id}`)).rejects.toThrow('404');
    expect(JSON.stringify(await t.control('GET', '/state/groups'))).not.toContain(person.id);
  });

  test('groups, environments and access keys come and go', async () => {
    const group = (await account('create_user_group', 'Edges')) as Row;
    expect(await account('update_user_group', group.id, 'Edges 2')).toMatchObject({ name: 'Edges 2' });
    expect(await account('delete_user_group', group.id)).toMatchObject({ ok: true });
    const env = (await account('create_sub_account', 'Edges', 'edges', {}, true)) as Row;
    const key = await account('generate_access_key', env.id, { name: 'sync', enabled: false });
    expect(Object.keys(key)).toEqual(['name', 'api_key', 'api_secret', 'created_at', 'updated_at', 'enabled', 'root']);
    await account('update_access_key', env.id, key['api_key'], { name: 'hooks', dedicated_for: 'webhooks' });
    expect(Object.keys(await account('access_keys', env.id))).toEqual(['access_keys', 'total']);
    expect(await account('delete_access_key_by_name', env.id, { name: 'hooks' })).toEqual({ message: 'ok' });
    expect(await account('delete_sub_account', env.id)).toMatchObject({ message: 'ok' });
    expect(Object.values(await t.control<Record<string, { name: string }>>('GET', '/state/environments'))).toHaveLength(
      2,
    );
  });

  test('an asset is uploaded, found in the queue, approved, tagged, described, found and deleted', async () => {
    const made = await uploader(
      'upload',
      'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
      {
        public_id: 'edges/poster & more',
        asset_folder: 'Finished',
        moderation: 'manual',
        tags: ['one', 'two'],
        context: { stage: 'a|b=c' },
        access_control: [{ access_type: 'token' }],
      },
    );
    const id = made['public_id'];
    expect(made).toMatchObject({ width: 1, height: 1, context: { custom: { stage: 'a|b=c' } } });
    const queue = await api('resources_by_moderation', 'manual', 'pending', { max_results: 500 });
    expect(rows(queue['resources']).map((one) => one['public_id'])).toContain(id);
    const decided = await api('update', id, {
      moderation_status: 'approved',
      metadata: { review_status: 'approved', approved_by: 'Grace "G" Lee' },
      access_control: [{ access_type: 'anonymous' }],
    });
    expect(decided).toMatchObject({ moderation: [{ kind: 'manual', status: 'approved' }] });
    await uploader('add_tag', 'three', [id]);
    await uploader('update_metadata', { approved_at: '2026-11-21' }, [id]);
    const found = await client.search
      .expression('tags=three AND moderation_status=approved')
      .with_field('metadata')
      .execute();
    expect(rows(found['resources'])).toMatchObject([
      {
        public_id: id,
        metadata: { review_status: 'approved', approved_by: 'Grace "G" Lee', approved_at: '2026-11-21' },
      },
    ]);
    const [stored] = Object.values(await t.control<Record<string, Row>>('GET', '/state/assets')).filter(
      (one) => one['public_id'] === id,
    );
    expect(stored).toMatchObject({ tags: ['one', 'two', 'three'], access_control: [{ access_type: 'anonymous' }] });
    await uploader('rename', id, 'edges/final');
    expect(await api('delete_resources', ['edges/final'])).toMatchObject({ deleted: { 'edges/final': 'deleted' } });
  });

  test('folders and fields come and go', async () => {
    await api('create_folder', 'Edges/Inner');
    expect(rows((await api('sub_folders', 'Edges'))['folders'])).toMatchObject([{ path: 'Edges/Inner' }]);
    await api('rename_folder', 'Edges/Inner', 'Edges/Other');
    const found = await api('search_folders', { expression: 'name=Other' });
    expect(rows(found['folders'])).toMatchObject([{ path: 'Edges/Other' }]);
    expect(await api('delete_folder', 'Edges')).toMatchObject({ deleted: ['Edges', 'Edges/Other'] });
    await api('add_metadata_field', { external_id: 'edge', label: 'Edge', type: 'string' });
    await expect(api('add_metadata_field', { external_id: 'edge', label: 'E', type: 'string' })).rejects.toMatchObject({
      error: { http_code: 400, message: 'external id edge already exists' },
    });
    expect(await api('delete_metadata_field', 'edge')).toMatchObject({ message: 'ok' });
  });

  test('its own check of notification signatures agrees', async () => {
    await t.env('POST', '/triggers', { body: { uri: 'poll://edges', event_type: 'upload', uri_type: 'poll' } });
    await uploader('upload', 'data:text/plain;base64,aGk=');
    const { body } = await t.queue('GET', '/messages?channel=edges&wait_seconds=0');
    const [message] = body['messages'] as { signed_payload: string; timestamp: string; signature: string }[];
    const raw = Buffer.from(message?.signed_payload ?? '', 'base64url').toString('utf8');
    const good = (text: string): boolean =>
      client.utils.verifyNotificationSignature(text, Number(message?.timestamp), message?.signature ?? '');
    expect(good(raw)).toBe(true);
    expect(good(`${raw} `)).toBe(false);
  });

  test('wrong secrets are refused as the client expects', async () => {
    await expect(account('users', null, [], null, null, { provisioning_api_secret: 'x' })).rejects.toMatchObject({
      error: { http_code: 401, message: 'Invalid credentials' },
    });
    await expect(uploader('add_tag', 'x', ['sample'], { api_secret: 'x' })).rejects.toMatchObject({
      http_code: 401,
      message: 'api_secret mismatch',
    });
  });
});
