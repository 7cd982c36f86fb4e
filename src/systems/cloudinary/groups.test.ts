import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { seenUsers } from '../../../test/support/cloudinarySeen.ts';
import { mail, startCloudinaryBench, type CloudinaryBench } from '../../../test/support/cloudinaryStandIn.ts';
import type { Change } from '../../domain/change.ts';

let bench: CloudinaryBench;
beforeAll(async () => void (bench = await startCloudinaryBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const grant = (name: string): Change => ({ op: 'grant', entitlement: `cloudinary:group/${name}` });
const revoke = (name: string): Change => ({ op: 'revoke', entitlement: `cloudinary:group/${name}` });
const groups = async (login: string) => seenUsers(await bench.state(), mail(login))[0]?.groups;

describe('user groups', () => {
  test.each([{}, { addMemberTwice: 409, removeNonMember: 404 }])(
    'are joined and left once, in a world with %j',
    async (world) => {
      for (const [constant, value] of Object.entries(world)) await bench.choose(constant, value);
      const id = await bench.idOf(mail('ben.otto'));
      await bench.change(id, grant('Legal'), grant('Legal'), revoke('Post Production'), revoke('Post Production'));
      expect(await groups('ben.otto')).toEqual(['Legal']);
      expect((await bench.writes()).map(({ method, status }) => `${method} ${status}`)).toEqual([
        'POST 200',
        'DELETE 200',
      ]);
    },
  );

  test('are confirmed by id: one that was renamed receives nobody under its old name', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    await bench.change(id, grant('Legal'), revoke('Legal'));
    await bench.edit((state) => {
      for (const group of Object.values(state.groups)) if (group.name === 'Legal') group.name = 'Counsel';
    });
    await expect(bench.change(id, grant('Legal'))).rejects.toMatchObject({
      code: 'CLOUDINARY_UNKNOWN_GROUP',
      message: expect.stringContaining('"Legal"'),
    });
    await bench.change(id, grant('Counsel'));
    expect(await groups('ben.otto')).toEqual(['Counsel', 'Post Production']);
  });

  test('that bear one name are left together, and none of them can be joined', async () => {
    await bench.edit((state) => {
      for (const group of Object.values(state.groups))
        if (group.name === 'Contractors') Object.assign(group, { name: 'Legal', users: [...group.users] });
    });
    const id = await bench.idOf(mail('ben.otto'));
    await expect(bench.change(id, grant('Legal'))).rejects.toMatchObject({ code: 'CLOUDINARY_AMBIGUOUS_NAME' });
    const lena = await bench.idOf(mail('lena.fischer'));
    await bench.change(lena, revoke('Legal'));
    expect(await groups('lena.fischer')).toEqual([]);
  });

  test('somebody else removed the member, or the group, in between: found out by reading', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    await bench.fault({ match: { method: 'DELETE' }, times: 1, fault: { kind: 'status', status: 404 } });
    await expect(bench.change(id, revoke('Post Production'))).rejects.toMatchObject({
      code: 'CLOUDINARY_CONFLICT',
      retryable: true,
    });
    await bench.fault({
      match: { method: 'POST', path: '*/user_groups/*' },
      times: 1,
      fault: { kind: 'status', status: 404 },
    });
    await expect(bench.change(id, grant('Legal'))).rejects.toMatchObject({
      code: 'CLOUDINARY_UNKNOWN_GROUP',
      retryable: false,
    });
  });
});
