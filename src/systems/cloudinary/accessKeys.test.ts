import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SECRETS, SYNC_KEY } from '../../../sandbox/cloudinary/seed.ts';
import {
  applyCall,
  call,
  mail,
  startCloudinaryBench,
  type CloudinaryBench,
} from '../../../test/support/cloudinaryStandIn.ts';
import { person } from '../../../test/support/fakes.ts';
import { fingerprintOf } from './entitlements.ts';

let bench: CloudinaryBench;
beforeAll(async () => void (bench = await startCloudinaryBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const tom = person('tom.weber@staff');
const ben = person('ben.otto@staff');
const key = `cloudinary:key/${fingerprintOf(SYNC_KEY)}@northwind`;
const syncKey = async () => (await bench.state()).keys[SYNC_KEY];

describe('access keys', () => {
  test('registered to somebody are theirs to lose when they leave, and never named by themselves', async () => {
    const id = await bench.idOf(mail('tom.weber'));
    const actual = await bench.read(id, ['cloudinary:**'], tom);
    expect(actual.held.filter((held) => held.key.includes(':key/'))).toEqual([
      { key, how: 'direct', closesOnLeave: true },
    ]);
    expect(JSON.stringify(actual)).not.toContain(SYNC_KEY);
    const { target } = bench.system;
    for (let twice = 0; twice < 2; twice++)
      expect(
        await target.apply({ person: tom, nativeId: id }, { op: 'revoke', entitlement: key }, actual, applyCall),
      ).toEqual({
        outcome: 'done',
      });
    expect(await syncKey()).toMatchObject({ enabled: false });
    expect((await bench.writes()).map(({ method }) => method)).toEqual(['PUT']);
    expect((await bench.read(id, ['cloudinary:**'], tom)).held.map((held) => held.key)).not.toContain(key);
  });

  test('of nobody in particular are named to whoever closes an account, and cost nobody else a request', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    const { target } = bench.client({ config: { keyOwners: {} } });
    await bench.requests();
    await target.read({ person: ben, nativeId: id }, ['cloudinary:**'], call);
    expect((await bench.requests()).filter(({ path }) => path.includes('access_keys'))).toEqual([]);
    await bench.change(id, { op: 'disable', profile: {} });
    const { warnings } = await target.read({ person: ben, nativeId: id }, ['cloudinary:**'], call);
    expect(warnings).toEqual([
      expect.stringMatching(/Nobody is registered.*northwind.*ben\.otto@staff may still know one: "Trailer sync"/),
    ]);
  });

  test('shared by several, and root keys and our own, are left open with a word to rotate them', async () => {
    const id = await bench.idOf(mail('tom.weber'));
    const keyOwners = { 'Trailer sync': ['tom.weber@staff', 'ben.otto@staff'], Root: ['TOM.WEBER@staff'] };
    const { target } = bench.client({ config: { keyOwners } });
    const actual = await target.read({ person: tom, nativeId: id }, ['cloudinary:**'], call);
    expect(actual.held.filter((held) => held.key.includes(':key/'))).toEqual([]);
    expect(actual.warnings.join('\n')).toMatch(/"Trailer sync" of northwind is several people's.*rotate/);
    expect(actual.warnings.join('\n')).toMatch(/"Root" of northwind-archive is a root key or our own.*rotate/);
    const entitlement = `cloudinary:key/${fingerprintOf(SECRETS.apiKey)}@northwind`;
    await expect(
      target.apply({ person: tom, nativeId: id }, { op: 'revoke', entitlement }, actual, applyCall),
    ).rejects.toMatchObject({
      code: 'CLOUDINARY_PROTECTED_KEY',
      message: expect.stringContaining('Rotate it by hand'),
    });
  });

  test('are made in Cloudinary, never granted', async () => {
    const id = await bench.idOf(mail('tom.weber'));
    await expect(bench.change(id, { op: 'grant', entitlement: key })).rejects.toMatchObject({
      code: 'CLOUDINARY_NOT_GRANTABLE',
    });
  });
});
