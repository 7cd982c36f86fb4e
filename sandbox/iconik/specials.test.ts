import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Item, Trial } from './trial.ts';
import { startTrial } from './trial.ts';

let iconik: Trial;
let roots: string[];
let legal: Item;
beforeAll(async () => {
  iconik = await startTrial();
});
afterAll(() => iconik.close());
beforeEach(async () => {
  await iconik.control('POST', '/reset');
  legal = await iconik.team('Legal');
  roots = await Promise.all(
    ['Marketing', 'Contractors', 'Unit Brand'].map(async (name) => (await iconik.root(name)).id),
  );
});

const LIST = 'acls/v1/acl/collections/';
const granted = async (): Promise<string[]> => {
  const held: string[] = [];
  for (const key of roots) {
    const { body } = await iconik.api('GET', `${LIST}${key}/`);
    if (body.groups_acl.some((row) => row.group_id === legal.id)) held.push(key);
  }
  return held;
};

describe('the special faults', () => {
  test('listLag: a list is behind, the object itself is not', async () => {
    const body = { email: 'nina@northwind.example', first_name: 'Nina', type: 'STANDARD' };
    const made = await iconik.api('POST', 'users/v1/users/', { body });
    await iconik.special('listLag');
    const list = 'users/v1/users/?query=nina';
    expect((await iconik.api('GET', list)).body.objects).toEqual([]);
    expect((await iconik.api('GET', list)).body.objects.map((user) => user.id)).toEqual([made.body.id]);
    await iconik.api('PATCH', `users/v1/users/${made.body.id}/`, { body: { ...body, status: 'BLOCKED' } });
    await iconik.choose('listLagMs', 60_000);
    expect((await iconik.api('GET', list)).body.objects).toEqual([]);
    expect((await iconik.api('GET', `users/v1/users/${made.body.id}/`)).body.status).toBe('BLOCKED');
    await iconik.control('POST', '/clock', { advance: 61 });
    expect((await iconik.api('GET', list)).body.objects.map((user) => user.status)).toEqual(['BLOCKED']);
  });

  test('dropDeleteBody: says done, nothing is', async () => {
    const body = { object_keys: roots, group_ids: [legal.id], permissions: ['read'] };
    await iconik.api('PUT', LIST, { body });
    await iconik.special('dropDeleteBody', { method: 'DELETE' });
    expect((await iconik.api('DELETE', LIST, { body })).status).toBe(204);
    expect((await iconik.lastEntry()).writes).toEqual([]);
    expect(await granted()).toEqual(roots);
    expect((await iconik.api('DELETE', LIST, { body })).status).toBe(204);
    expect(await granted()).toEqual([]);
  });

  test('partialBulk: half of a list is done, and the reply names what was', async () => {
    const body = { object_keys: roots, group_ids: [legal.id], permissions: ['read'] };
    await iconik.special('partialBulk');
    const answer = await iconik.api('PUT', LIST, { body });
    expect([answer.status, answer.body.updated_object_keys]).toEqual([200, roots.slice(0, 1)]);
    expect(await granted()).toEqual(roots.slice(0, 1));
    const tom = await iconik.user('tom.weber@northwind.example');
    await iconik.act('share', { as: tom.email, collection: 'Unit Trailers' });
    const list = `assets/v1/shares/all/?owner_id=${tom.id}`;
    const share_ids = (await iconik.api('GET', list)).body.objects.map((share) => share.id);
    await iconik.special('partialBulk');
    expect((await iconik.api('DELETE', 'assets/v1/shares/bulk/all/', { body: { share_ids } })).status).toBe(204);
    expect((await iconik.api('GET', list)).body.objects).toHaveLength(1);
  });

  test('nullHeavy: optional fields are null, what clients require is not', async () => {
    const path = `users/v1/users/${(await iconik.user('ben.otto@northwind.example')).id}/`;
    await iconik.special('nullHeavy', { path: '/API/users/v1/users/*' });
    const { body } = await iconik.api('GET', path);
    expect(body).toMatchObject({
      type: 'STANDARD',
      email: 'ben.otto@northwind.example',
      date_created: null,
      metadata: null,
    });
    await iconik.special('nullHeavy');
    const list = (await iconik.api('GET', 'users/v1/teams/?name=Legal')).body;
    expect([list.total, list.pages, list.objects[0]?.name]).toEqual([null, null, 'Legal']);
    await iconik.special('nullHeavy');
    expect((await iconik.api('GET', `${LIST}${roots[0]}/`)).body.groups_acl).toBeNull();
  });

  test('naiveDates: dates without a zone', async () => {
    const zoned = (await iconik.api('GET', 'users/v1/users/current/')).body.date_created;
    await iconik.special('naiveDates');
    expect((await iconik.api('GET', 'users/v1/users/current/')).body.date_created).toBe(zoned.replace('+00:00', ''));
  });

  test('tokenRevoked: 401 in the middle, nothing done', async () => {
    await iconik.special('tokenRevoked', { method: 'POST' });
    const add = `users/v1/teams/${legal.id}/users/${(await iconik.user('Ada.Byrne@Northwind.example')).id}/`;
    const answer = await iconik.api('POST', add);
    expect([answer.status, answer.body]).toEqual([401, { errors: ['Token is invalid'] }]);
    expect((await iconik.lastEntry()).writes).toEqual([]);
    expect((await iconik.api('POST', add)).status).toBe(201);
    await iconik.act('revokeToken', { user: 'tenure-service@northwind.example' });
    expect((await iconik.api('GET', 'auth/v1/auth/token/')).status).toBe(401);
  });

  test('a fault that loses the reply has had its effect', async () => {
    await iconik.control('POST', '/faults', { match: { method: 'POST' }, times: 1, fault: { kind: 'lostReply' } });
    const ada = await iconik.user('Ada.Byrne@Northwind.example');
    const add = `users/v1/teams/${legal.id}/users/${ada.id}/`;
    await expect(iconik.api('POST', add)).rejects.toThrow();
    expect(await iconik.lastEntry()).toMatchObject({
      replied: false,
      writes: [{ object: 'membership', before: null }],
    });
    expect((await iconik.api('GET', `users/v1/users/${ada.id}/`)).body.teams).toContain(legal.id);
  });
});
