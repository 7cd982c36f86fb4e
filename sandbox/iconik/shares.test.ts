import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Credentials } from './seed.ts';
import type { Item, Trial } from './trial.ts';
import { startTrial } from './trial.ts';

let iconik: Trial;
let ben: Credentials;
let object: Item;
beforeAll(async () => {
  iconik = await startTrial();
});
afterAll(() => iconik.close());
beforeEach(async () => {
  await iconik.control('POST', '/reset');
  ben = await iconik.credentialsOf('ben.otto@northwind.example');
  object = await iconik.root('Post Production');
});

const ALLOW = {
  allow_download: false,
  allow_comments: true,
  allow_approving_comments: false,
  allow_setting_approve_status: false,
};
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const path = (): string => `assets/v1/collections/${object.id}/shares/`;

describe('sharing', () => {
  test('by e-mail: 202, personal links in mails only, an end in any case', async () => {
    const body = { ...ALLOW, emails: ['guest@festival.example', 'chiara.rossi@northwind.example'], title: 'Cut 3' };
    const made = await iconik.api('POST', path(), { as: ben, body });
    expect(made.status).toBe(202);
    expect(made.body).toMatchObject({ ...ALLOW, title: 'Cut 3', url: null, id: expect.stringMatching(UUID) });
    const days = (Date.parse(made.body.expires) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    const { messages } = await iconik.control<{ messages: { to: string; link: string }[] }>('GET', '/outbox');
    expect(messages.map((mail) => mail.to).sort()).toEqual([...body.emails].sort());
    const shown = await iconik.api('GET', `${path()}${made.body.id}/`, { as: ben });
    expect(shown.body.users.map((user) => user.email).sort()).toEqual([...body.emails].sort());
    expect(shown.text).not.toContain(messages[0]?.link ?? 'no mail');
  });

  test('as a link: 200 with url, which the ledger does not tell', async () => {
    const made = await iconik.api('POST', `${path()}url/`, { as: ben, body: ALLOW });
    expect([made.status, made.body.url]).toEqual([200, expect.stringContaining('/share/')]);
    expect(JSON.stringify(await iconik.lastEntry())).not.toContain(made.body.url);
  });

  test.each([
    ['emails', { emails: undefined }],
    ['emails', { emails: ['nobody'] }],
    ['allow_download', { allow_download: undefined }],
    ['expires', { expires: '2040-01-01T00:00:00+00:00' }],
  ])('a wrong %s is a field error', async (field, wrong) => {
    const body = { ...ALLOW, emails: ['guest@festival.example'], ...wrong };
    const answer = await iconik.api('POST', path(), { as: ben, body });
    expect([answer.status, Object.keys(answer.body.errors)]).toEqual([400, [field]]);
  });

  test('our own account cannot share, and nobody shares what they cannot read', async () => {
    const body = { ...ALLOW, emails: ['guest@festival.example'] };
    expect((await iconik.api('POST', path(), { body })).status).toBe(403);
    const legal = await iconik.root('Legal');
    expect((await iconik.api('POST', `assets/v1/collections/${legal.id}/shares/`, { as: ben, body })).status).toBe(403);
  });

  test('recipients come and go', async () => {
    const body = { ...ALLOW, emails: ['guest@festival.example'] };
    const share = (await iconik.api('POST', path(), { as: ben, body })).body;
    const users = `${path()}${share.id}/users/`;
    const added = await iconik.api('POST', users, { as: ben, body: { email: 'Second@festival.example' } });
    expect([added.status, added.body.email]).toEqual([201, 'second@festival.example']);
    expect((await iconik.api('GET', users, { as: ben })).body.objects).toHaveLength(2);
    expect((await iconik.api('DELETE', `${users}${added.body.id}/`, { as: ben })).status).toBe(204);
    expect((await iconik.api('GET', `${users}${added.body.id}/`, { as: ben })).status).toBe(404);
  });
});

describe('closing a leaver’s shares', () => {
  test('shares/all by owner finds them, bulk/all removes them', async () => {
    const tom = await iconik.user('tom.weber@northwind.example');
    await iconik.act('share', { as: tom.email, collection: 'Unit Trailers', emails: ['a@festival.example'] });
    await iconik.act('share', { as: 'ben.otto@northwind.example', collection: 'Unit Trailers' });
    const list = `assets/v1/shares/all/?owner_id=${tom.id}&per_page=100`;
    const found = (await iconik.api('GET', list)).body.objects;
    expect(found.map((share) => share.owner_id)).toEqual([tom.id, tom.id]);
    expect(found.map((share) => share.users.length)).toEqual([1, 1]);
    const body = { share_ids: found.map((share) => share.id) };
    const removed = await iconik.api('DELETE', 'assets/v1/shares/bulk/all/', { body });
    expect(removed.status).toBe(204);
    expect((await iconik.lastEntry()).writes.map(({ object: what, after }) => [what, after])).toEqual([
      ['share', null],
      ['share', null],
    ]);
    expect((await iconik.api('GET', list)).body.objects).toEqual([]);
    expect((await iconik.api('GET', 'assets/v1/shares/all/')).body.objects).toHaveLength(1);
    expect((await iconik.api('DELETE', 'assets/v1/shares/bulk/all/', { body })).status).toBe(404);
    expect((await iconik.api('DELETE', 'assets/v1/shares/bulk/all/')).status).toBe(400);
  });

  test('one’s own list and bulk are for one’s own', async () => {
    const { id } = await iconik.act('share', { as: 'tom.weber@northwind.example', collection: 'Unit Trailers' });
    const own = await iconik.act('share', { as: 'ben.otto@northwind.example', collection: 'Unit Trailers' });
    expect((await iconik.api('GET', 'assets/v1/shares/', { as: ben })).body.objects.map((one) => one.id)).toEqual([
      own['id'],
    ]);
    const refused = await iconik.api('DELETE', 'assets/v1/shares/bulk/', { as: ben, body: { share_ids: [id] } });
    expect(refused.status).toBe(403);
  });

  test('an expired link opens nothing; one of an inactive owner does, unless chosen otherwise', async () => {
    const tom = await iconik.user('tom.weber@northwind.example');
    const share = (await iconik.api('GET', `assets/v1/shares/all/?owner_id=${tom.id}`)).body.objects[0]?.id ?? '';
    const open = async (): Promise<unknown> => (await iconik.act<{ opened: boolean }>('openShare', { share })).opened;
    expect(await open()).toBe(true);
    await iconik.act('edit', { user: tom.id, set: { status: 'INACTIVE' } });
    expect(await open()).toBe(true);
    await iconik.choose('sharesOfInactiveOwner', 'dead');
    expect(await open()).toBe(false);
    await iconik.act('edit', { user: tom.id, set: { status: 'ACTIVE' } });
    await iconik.control('POST', '/clock', { set: '2030-01-01T00:00:00Z' });
    expect(await open()).toBe(false);
  });
});
