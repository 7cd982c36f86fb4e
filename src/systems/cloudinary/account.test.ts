import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EMAIL_ELSEWHERE } from '../../../sandbox/cloudinary/seedPeople.ts';
import { seenUsers } from '../../../test/support/cloudinarySeen.ts';
import { call, mail, startCloudinaryBench, type CloudinaryBench } from '../../../test/support/cloudinaryStandIn.ts';
import { person } from '../../../test/support/fakes.ts';
import type { Change } from '../../domain/change.ts';

let bench: CloudinaryBench;
beforeAll(async () => void (bench = await startCloudinaryBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const create = (email: string, more: Record<string, string> = {}): Change => ({
  op: 'create',
  profile: { email, name: 'Nora Vance', role: 'media_library_user', ...more },
});
const sent = async () => (await bench.writes()).map(({ method, status }) => `${method} ${status}`);

describe('an invitation', () => {
  test('makes one user of the least role, and the seat that it takes is told', async () => {
    const [applied] = await bench.change(undefined, create(' Nora.Vance@Northwind.example '));
    const [user] = seenUsers(await bench.state(), mail('nora.vance'));
    expect(applied).toEqual({ outcome: 'done', nativeId: user?.id });
    expect(user).toMatchObject({ email: mail('nora.vance'), role: 'media_library_user', enabled: true, pending: true });
    const actual = await bench.read(applied?.nativeId ?? '');
    expect(actual).toMatchObject({ account: 'present', profile: { email: mail('nora.vance'), name: 'Nora Vance' } });
    expect(actual.warnings).toEqual([expect.stringMatching(/invitation was not followed.*seat is taken/)]);
  });

  test('takes the user of our account that has the e-mail, in any case, and writes nothing', async () => {
    const [applied] = await bench.change(undefined, create(mail('ada.byrne')));
    expect(applied).toEqual({ outcome: 'done', nativeId: await bench.idOf(mail('Ada.Byrne')) });
    expect(await sent()).toEqual([]);
  });

  test.each([409, 400])('whose e-mail has an account elsewhere (%i) is refused by name, for good', async (status) => {
    await bench.choose('knownEmail', status);
    await expect(bench.change(undefined, create(EMAIL_ELSEWHERE))).rejects.toMatchObject({
      code: 'CLOUDINARY_EMAIL_ELSEWHERE',
      status,
      retryable: false,
      message: expect.stringMatching(/somebody@staff has a Cloudinary account elsewhere.*Support.*alias/),
    });
    expect(await sent()).toEqual([`POST ${status}`]);
  });

  test.each([403, 400])('without a free seat (%i) is refused by name, for good', async (status) => {
    await bench.choose('seatLimit', status);
    await bench.fault({ match: { method: 'POST' }, fault: { kind: 'special', name: 'seatLimit' } });
    await expect(bench.change(undefined, create(mail('nora.vance')))).rejects.toMatchObject({
      code: 'CLOUDINARY_SEAT_LIMIT',
      status,
      retryable: false,
      message: expect.stringMatching(/No seat is free in Cloudinary, and somebody@staff waits for one/),
    });
  });

  test.each([
    ['a name', { name: '' }],
    ['an e-mail', { email: ' ' }],
  ])('without %s is refused before anything is sent', async (what, more) => {
    await expect(bench.change(undefined, create(mail('nora.vance'), more))).rejects.toMatchObject({
      code: 'CLOUDINARY_INCOMPLETE',
      message: expect.stringContaining(what),
    });
    expect(await sent()).toEqual([]);
  });

  test('with an attribute that Cloudinary does not have is refused', async () => {
    await expect(bench.change(undefined, create(mail('nora.vance'), { phone: '1' }))).rejects.toMatchObject({
      code: 'CLOUDINARY_UNKNOWN_ATTRIBUTE',
      message: expect.stringContaining('phone'),
    });
  });

  test('of an e-mail that two users have waits for somebody to say which', async () => {
    await bench.act({ action: 'edit', user: mail('alex.kim'), set: { email: mail('ALEX.KIM2') } });
    await expect(bench.change(undefined, create(mail('alex.kim2')))).rejects.toMatchObject({
      code: 'CLOUDINARY_AMBIGUOUS_ACCOUNT',
    });
    expect(await sent()).toEqual([]);
  });
});

describe('an account', () => {
  test('is closed, opened and changed by what differs alone', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    const changes: Change[] = [
      { op: 'disable', profile: {} },
      { op: 'disable', profile: {} },
      { op: 'enable', profile: { name: 'Ben O.' } },
      { op: 'update', profile: { name: 'Ben O.', role: 'media_library_user' } },
      { op: 'update', profile: { email: mail('ben.o') } },
    ];
    await bench.change(id, ...changes);
    const bodies = (await bench.writes()).flatMap(({ writes }) => writes.map(({ after }) => after));
    expect(bodies).toEqual([{ enabled: false }, { enabled: true, name: 'Ben O.' }, { email: mail('ben.o') }]);
  });

  test('that sees everything by its role is told, and lowered when the profile says so', async () => {
    const id = await bench.idOf(mail('dmitri.volkov'));
    expect((await bench.read(id)).warnings.join()).toContain('account role is media_library_admin');
    await bench.change(id, { op: 'update', profile: { role: 'media_library_user' } });
    expect((await bench.read(id)).warnings).toEqual([]);
  });

  test('of root, or of the last master admin, is never closed or deleted', async () => {
    const root = await bench.idOf('cloudinary-root@northwind.example');
    for (const op of ['disable', 'delete'] as const)
      await expect(bench.change(root, { op, profile: {} })).rejects.toMatchObject({
        code: 'CLOUDINARY_PROTECTED_USER',
      });
    expect(await sent()).toEqual([]);
    await bench.edit((state) => {
      for (const user of Object.values(state.users)) if (user.root) user.enabled = false;
    });
    await expect(
      bench.change(await bench.idOf(mail('omar.haddad')), { op: 'disable', profile: {} }),
    ).rejects.toMatchObject({
      code: 'CLOUDINARY_PROTECTED_USER',
      status: 403,
    });
  });

  test('that is gone is closed enough, and nothing can be granted to it', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    await bench.change(
      id,
      { op: 'delete', profile: {} },
      { op: 'delete', profile: {} },
      { op: 'disable', profile: {} },
    );
    expect(await bench.read(id)).toEqual({ account: 'absent', profile: {}, held: [], warnings: [] });
    for (const change of [
      { op: 'enable', profile: {} },
      { op: 'grant', entitlement: 'cloudinary:group/Legal' },
      { op: 'grant', entitlement: 'cloudinary:environment/northwind' },
      { op: 'grant', entitlement: 'cloudinary:folder/Legal#viewer@northwind' },
    ] as const)
      await expect(bench.change(id, change)).rejects.toMatchObject({ code: 'CLOUDINARY_ACCOUNT_GONE' });
    for (const key of ['group/Legal', 'environment/northwind', 'folder/Legal#viewer@northwind'])
      expect(await bench.change(id, { op: 'revoke', entitlement: `cloudinary:${key}` })).toEqual([{ outcome: 'done' }]);
  });

  test('is not called gone where everything is missing: that is no answer of our account', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    await bench.read(id);
    await bench.fault({ fault: { kind: 'status', status: 404 } });
    await expect(bench.read(id)).rejects.toMatchObject({ code: 'CLOUDINARY_NOT_FOUND' });
  });

  test('is found by e-mail where one of the two ways of asking fails to see it', async () => {
    const id = await bench.idOf(mail('ada.byrne'));
    await bench.fault({
      match: { method: 'GET', path: '*/users' },
      times: 1,
      fault: { kind: 'status', status: 200, body: { users: [] } },
    });
    expect(await bench.idOf(mail('ada.byrne'))).toBe(id);
  });

  test('is not called gone by an address that is not our account', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    const { target } = bench.client({ config: { accountId: 'another' } });
    await expect(target.read({ person: person('x@staff'), nativeId: id }, [], call)).rejects.toMatchObject({
      code: 'CLOUDINARY_CREDENTIALS',
    });
  });
});
