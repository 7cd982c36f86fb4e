import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  applyCall,
  call,
  personWith,
  startIconikBench,
  type IconikBench,
} from '../../../test/support/iconikStandIn.ts';

let bench: IconikBench;
beforeAll(async () => void (bench = await startIconikBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const grace = { email: 'Grace.Lee@Northwind.example', first_name: 'Grace', last_name: 'Lee', type: 'STANDARD' };
const nobody = { account: 'absent' as const, profile: {}, held: [], warnings: [] };
const create = async (profile: Record<string, string>) =>
  await bench.system.target.apply({ person: personWith('x@y.example') }, { op: 'create', profile }, nobody, applyCall);

describe('joining', () => {
  test('a new person gets one user, with type and e-mail in lower case', async () => {
    const made = await create(grace);
    expect(made).toEqual({ outcome: 'done', nativeId: expect.any(String) });
    expect(await bench.read(made.nativeId ?? '')).toMatchObject({
      account: 'present',
      nativeId: made.nativeId,
      profile: { ...grace, email: 'grace.lee@northwind.example' },
    });
    expect(await create(grace)).toEqual(made);
    expect((await bench.writes()).filter((w) => w.method === 'POST')).toHaveLength(1);
  });

  test('somebody who is there under the e-mail in other case is adopted, not made twice', async () => {
    const found = await bench.system.target.find(personWith('ADA.byrne@northwind.EXAMPLE'), call);
    expect(found).toEqual([{ nativeId: expect.any(String), how: 'email', label: 'ada.byrne@northwind.example' }]);
    expect(await create({ ...grace, email: 'ada.byrne@northwind.example' })).toEqual({
      outcome: 'done',
      nativeId: found[0]?.nativeId,
    });
    expect(await bench.writes()).toEqual([]);
  });

  test('an e-mail that only begins alike is somebody else', async () => {
    expect(await bench.system.target.find(personWith('a.byrne@northwind.example'), call)).toEqual([]);
    expect(await bench.system.target.find(personWith('*'), call)).toEqual([]);
    expect(await bench.system.target.find(personWith(''), call)).toEqual([]);
  });

  test.each(['søren+"x"@northwind.example', "o'neil%40*@northwind.example", 'a&b=c#d@northwind.example'])(
    'an e-mail with hostile characters is found again: %s',
    async (email) => {
      const made = await create({ ...grace, email, first_name: '<b>&"\\ \u202e', last_name: '名' });
      expect(made.outcome).toBe('done');
      expect((await bench.system.target.find(personWith(email), call)).map((c) => c.nativeId)).toEqual([made.nativeId]);
      expect((await bench.read(made.nativeId ?? '')).profile).toMatchObject({
        email,
        first_name: '<b>&"\\ \u202e',
        last_name: '名',
      });
    },
  );

  test('a refused duplicate is looked up, whichever status iconik uses', async () => {
    await bench.choose('duplicateEmailStatus', 409);
    // The two searches before the creation see nothing, as when another run creates the user in between.
    await bench.fault({
      match: { method: 'GET', path: '/API/users/v1/users/' },
      times: 2,
      fault: { kind: 'status', status: 200, body: { objects: [] } },
    });
    const made = await create({ ...grace, email: 'emily.carter@northwind.example' });
    expect(made).toEqual({ outcome: 'done', nativeId: await bench.idOf('emily.carter@northwind.example') });
  });

  test('an attribute that is never written, a missing e-mail and a missing type are refused in our words', async () => {
    await expect(create({ ...grace, is_admin: 'true' })).rejects.toMatchObject({
      code: 'ICONIK_UNKNOWN_ATTRIBUTE',
      retryable: false,
    });
    await expect(create({ type: 'STANDARD' })).rejects.toMatchObject({ code: 'ICONIK_INCOMPLETE' });
    await expect(create({ email: 'x@y.example' })).rejects.toMatchObject({ code: 'ICONIK_INCOMPLETE' });
    await expect(create({ ...grace, type: 'ROOT' })).rejects.toMatchObject({
      code: 'ICONIK_REFUSED',
      status: 400,
      message: expect.stringContaining('(type)'),
    });
    expect((await bench.writes()).flatMap((w) => w.writes)).toEqual([]);
  });
});

describe('changing and closing', () => {
  test('an update needs type and first name along, and is not repeated when it is so already', async () => {
    const id = await bench.idOf('emily.carter@northwind.example');
    await bench.choose('firstNameRequired', true);
    const update = { op: 'update' as const, profile: { last_name: 'Carter-Ng' } };
    expect(await bench.apply(id, update, update)).toEqual([{ outcome: 'done' }, { outcome: 'done' }]);
    expect((await bench.read(id)).profile).toMatchObject({ first_name: 'Emily', last_name: 'Carter-Ng' });
    expect(await bench.writes()).toHaveLength(1);
  });

  test('an e-mail that somebody else has is not taken over', async () => {
    const id = await bench.idOf('emily.carter@northwind.example');
    await expect(
      bench.apply(id, { op: 'update', profile: { email: 'ben.otto@northwind.example' } }),
    ).rejects.toMatchObject({
      code: 'ICONIK_EMAIL_TAKEN',
    });
  });

  test('disabled is INACTIVE, urgent is BLOCKED, and nothing softens a block but enabling', async () => {
    const id = await bench.idOf('ben.otto@northwind.example');
    await bench.apply(id, { op: 'disable', profile: {} });
    expect(await bench.read(id)).toMatchObject({ account: 'disabled', blocked: false });
    await bench.apply(id, { op: 'disable', profile: {}, urgent: true });
    expect(await bench.read(id)).toMatchObject({ account: 'disabled', blocked: true });
    await bench.writes();
    await bench.apply(id, { op: 'disable', profile: {} });
    expect(await bench.writes()).toEqual([]);
    await bench.apply(id, { op: 'enable', profile: {} });
    const actual = await bench.read(id);
    expect(actual.account).toBe('present');
    expect(actual).not.toHaveProperty('blocked');
  });

  test.each([404, 200])('a deleted user is absent, whether iconik answers %i or not', async (status) => {
    await bench.choose('userAfterDelete', status);
    const id = await bench.idOf('victor.lang@northwind.example');
    await bench.act({ action: 'edit', user: id, set: { status: 'DELETED' } });
    expect(await bench.read(id)).toMatchObject({ account: 'absent', held: [] });
    expect(
      await bench.apply(id, { op: 'disable', profile: {} }, { op: 'revoke', entitlement: 'iconik:team/Legal' }),
    ).toEqual([{ outcome: 'done' }, { outcome: 'done' }]);
    await expect(bench.apply(id, { op: 'enable', profile: {} })).rejects.toMatchObject({ code: 'ICONIK_ACCOUNT_GONE' });
    await expect(bench.apply(id, { op: 'grant', entitlement: 'iconik:team/Legal' })).rejects.toMatchObject({
      code: 'ICONIK_ACCOUNT_GONE',
    });
  });

  test('deleting needs its role, and the user our token acts as is never closed', async () => {
    const id = await bench.idOf('victor.lang@northwind.example');
    await expect(bench.apply(id, { op: 'delete', profile: {} })).rejects.toMatchObject({
      code: 'ICONIK_FORBIDDEN',
      retryable: false,
      status: 403,
    });
    const own = await bench.idOf('tenure-service@northwind.example');
    for (const op of ['disable', 'delete'] as const)
      await expect(bench.apply(own, { op, profile: {} })).rejects.toMatchObject({ code: 'ICONIK_OWN_ACCOUNT' });
  });

  test('an id that is no single path segment reaches no other object', async () => {
    for (const id of ['..', '.', '', 'current/../../groups', 'a/b', '%2e%2e', '?x=1', '\ud800']) {
      const read = bench.read(id).catch((error: unknown) => error);
      expect(await read).toMatchObject(
        ['..', '.', '', '\ud800'].includes(id) ? { code: 'ICONIK_NOT_FOUND' } : { account: 'absent' },
      );
    }
  });
});
