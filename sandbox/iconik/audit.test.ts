import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SERVICE } from './seed.ts';
import type { Trial } from './trial.ts';
import { startTrial } from './trial.ts';

/** The full audit: streamed to log recipients and to a local file, never read by REST (contract section 9). */
let iconik: Trial;
let folder: string;
beforeAll(async () => {
  iconik = await startTrial();
  folder = await mkdtemp(join(tmpdir(), 'iconik-audit-'));
});
afterAll(async () => {
  await iconik.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => iconik.control('POST', '/reset'));

test('each call becomes one line of the file, refused ones too, without secrets', async () => {
  const file = join(folder, 'audit.jsonl');
  await iconik.act('audit', { file });
  const login = { email: 'ben.otto@northwind.example', password: 'pass phrase' };
  await iconik.api('POST', 'auth/v1/auth/simple/login/', { as: null, body: login });
  await iconik.api('GET', 'users/v1/users/current/', { headers: { 'user-agent': 'trial' } });
  await iconik.api('POST', 'users/v1/users/', { body: { email: 'x' } });
  await iconik.act('audit', { file: null });
  await iconik.api('GET', 'users/v1/users/current/');
  const text = await readFile(file, 'utf8');
  const records = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const me = (await iconik.api('GET', 'users/v1/users/current/')).body;
  expect(records).toMatchObject([
    { operation_type: 'POST', operation_result: 401, user_id: null },
    { operation_type: 'GET', operation_result: 200, user_id: me.id, app_id: SERVICE.appId, user_agent: 'trial' },
    { operation_type: 'POST', operation_result: 400, resource: '/API/users/v1/users/', payload: '{"email":"x"}' },
  ]);
  expect(text).not.toContain('pass phrase');
  for (const field of ['system_name', 'request_id', 'original_user_id', 'is_acting_as_user', 'client_ip', 'time']) {
    expect(records[0]).toHaveProperty(field);
  }
});

test('a file that cannot be written is refused with a sentence', async () => {
  await expect(iconik.act('audit', { file: join(folder, 'no', 'where') })).rejects.toThrow('cannot be written');
  await expect(iconik.act('audit', { file: 'relative' })).rejects.toThrow('absolute path');
});

test('what happens to an asset stands in its history; ACLs and users do not', async () => {
  const ben = await iconik.user('ben.otto@northwind.example');
  const { id } = await iconik.act('upload', { as: ben.email, collection: 'Marketing', title: 'Cut 3' });
  const legal = await iconik.team('Legal');
  const body = { object_keys: [id], group_ids: [legal.id], permissions: ['read'] };
  expect((await iconik.owner('PUT', 'acls/v1/acl/assets/', body)).status).toBe(200);
  await iconik.act('asset', { as: ben.email, asset: 'Cut 3', operation: 'EXPORT' });
  const { body: history } = await iconik.owner('GET', `assets/v1/assets/${id}/history/`);
  expect(history.objects.map((entry) => (entry as { operation_type?: string }).operation_type)).toEqual([
    'VERSION_CREATE',
    'EXPORT',
  ]);
  await expect(iconik.act('asset', { as: ben.email, asset: 'Cut 3', operation: 'EAT' })).rejects.toThrow(
    'must be one of',
  );
  await expect(iconik.act('asset', { as: ben.email, asset: 'Cut 4', operation: 'EXPORT' })).rejects.toThrow('no asset');
});
