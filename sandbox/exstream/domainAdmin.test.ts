import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer, Trial } from './trial.ts';
import { DEV, endTrials, startTrial } from './trial.ts';

/** Section 7: regional administration is one domain per region. What administers just one is chosen (DOMAIN_ADMIN). */

const REGION = 'Regional EMEA';
const ADMIN = 'hannah.klein@staff';
const GROUP = 'EMEA Admins@exstream.role';

let t: Trial;
beforeAll(async () => {
  t = await startTrial({ strict: true });
  const adminPermissions = 'opaque:standin:64';
  await t.das('POST', '/roles', { body: { name: 'domainadmin', appPermissions: '', adminPermissions } });
  const permissions = { roleName: 'domainadmin', objectType: 'all', permissions: 'opaque:standin:1' };
  await t.das('POST', '/role-permissions', { body: permissions });
  await t.das('POST', '/group-roles', { body: { group: GROUP, roleName: 'domainadmin', domain: { id: REGION } } });
  await t.act('membership', { person: ADMIN, group: GROUP, present: true });
});
afterAll(endTrials);

const row = (domain: string, roleName = 'reviewer') => ({ group: 'EMEA@staff', roleName, domain: { id: domain } });
const write = (method: string, body: object): Promise<Answer> => t.das(method, '/group-roles', { as: ADMIN, body });

test('an administrator of one domain changes its group-roles and those of no other', async () => {
  expect((await write('POST', row(REGION))).status).toBe(200);
  expect((await write('DELETE', row(REGION))).status).toBe(200);
  for (const method of ['POST', 'DELETE']) {
    const outside = await write(method, row(DEV));
    expect([outside.status, outside.body.message]).toEqual([403, `The user does not administer ${DEV}`]);
  }
  expect((await t.das('GET', `/permissions/${DEV}/resources`, { as: ADMIN })).status).toBe(403);
});

test('nor hands out what administers the whole tenant, nor makes roles', async () => {
  expect((await write('POST', row(REGION, 'tenantadmin'))).status).toBe(403);
  expect((await t.das('POST', '/roles', { as: ADMIN, body: { name: 'mine' } })).status).toBe(403);
});

test('where no such administrator exists, the right is the tenant administrator’s alone', async () => {
  await t.choose('DOMAIN_ADMIN', 'nowhere');
  const refused = await write('POST', row(REGION));
  expect([refused.status, refused.headers.get('x-standin-chosen')]).toEqual([403, expect.stringContaining('NO_PERM')]);
  await t.choose('DOMAIN_ADMIN', 'own domain');
});
