import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { call, mail, startCloudinaryBench, type CloudinaryBench } from '../../../test/support/cloudinaryStandIn.ts';
import { unusedUrl } from '../../../test/support/iconikStandIn.ts';
import { person } from '../../../test/support/fakes.ts';
import type { Change } from '../../domain/change.ts';

let bench: CloudinaryBench;
beforeAll(async () => void (bench = await startCloudinaryBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const probe = async (config: Parameters<CloudinaryBench['client']>[0] = {}) =>
  await bench.client(config).target.probe(call);

describe('probe', () => {
  test('finds nothing to mend where all is well', async () => {
    expect(await probe()).toMatchObject({
      reachable: true,
      credentials: true,
      capabilities: { rolesAndPermissions: true, writes: true, 'folders of northwind': true },
      problems: [],
    });
  });

  test('says what is missing, one sentence each', async () => {
    const environments = [
      { cloud: 'northwind', apiKey: 'no-such-key', apiSecret: 'env:ENVIRONMENT' },
      { cloud: 'elsewhere', apiKey: 'x', apiSecret: 'env:ENVIRONMENT' },
    ];
    const { problems, capabilities, credentials } = await probe({
      config: { environments, keyOwners: {}, fallbackEnvironment: 'nowhere' },
    });
    expect(credentials).toBe(true);
    expect(capabilities).toMatchObject({ 'folders of northwind': false, 'folders of elsewhere': false });
    expect(problems).toEqual([
      expect.stringContaining('fallback environment "nowhere" does not exist'),
      expect.stringMatching(/^Folders of northwind: Cloudinary refuses our key for the environment northwind/),
      expect.stringContaining('no product environment "elsewhere"'),
      expect.stringContaining('Trailer sync@northwind'),
    ]);
  });

  test('tells a wrong account key, a wrong address and a system that is down apart', async () => {
    expect(await probe({ secret: 'wrong' })).toMatchObject({
      reachable: true,
      credentials: false,
      problems: [expect.stringContaining('our key for the account')],
    });
    await bench.fault({ fault: { kind: 'html', status: 200 } });
    expect(await probe()).toMatchObject({
      reachable: false,
      credentials: false,
      problems: [expect.stringContaining('url and accountId')],
    });
    expect(await probe({ config: { url: await unusedUrl() } })).toMatchObject({
      reachable: false,
      problems: [expect.stringContaining('cannot be reached')],
    });
  });
});

describe.each([403, 404])('an account with the legacy permissions (%i)', (status) => {
  const legacy = async () => {
    await bench.choose('legacyPermissions', status);
    await bench.act({ action: 'settings', mode: 'legacy' });
  };
  const changes: Change[] = [
    { op: 'disable', profile: {} },
    { op: 'update', profile: { name: 'Ben' } },
    { op: 'grant', entitlement: 'cloudinary:group/Legal' },
    { op: 'revoke', entitlement: 'cloudinary:folder/Legal#viewer@northwind' },
  ];

  test('is recognised, read with a warning, and not written to', async () => {
    await legacy();
    const { problems, capabilities } = await probe();
    expect(capabilities).toMatchObject({ rolesAndPermissions: false, writes: false });
    expect(problems[0]).toContain('legacy permissions');
    const id = await bench.idOf(mail('ben.otto'));
    const actual = await bench.read(id);
    expect(actual).toMatchObject({ account: 'present', warnings: [expect.stringContaining('legacy permissions')] });
    expect(actual.held.map(({ key }) => key)).toContain('cloudinary:group/Post Production');
    await bench.writes();
    for (const change of changes)
      await expect(bench.change(id, change)).rejects.toMatchObject({
        code: 'CLOUDINARY_LEGACY_PERMISSIONS',
        retryable: false,
        message: expect.stringContaining('Roles and Permissions'),
      });
    expect(await bench.writes()).toEqual([]);
  });

  test('proves no leaver gone, since folder shares cannot be read', async () => {
    await legacy();
    await bench.act({ action: 'edit', user: mail('ben.otto'), set: { enabled: false } });
    await expect(bench.read(await bench.idOf(mail('ben.otto')))).rejects.toMatchObject({
      code: 'CLOUDINARY_LEGACY_PERMISSIONS',
    });
  });

  test('is not what an account is called that had roles before and refuses us now', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    const { target } = bench.client({ choices: { catalogMs: 0 } });
    const account = { person: person('somebody@staff'), nativeId: id };
    await target.read(account, [], call);
    await legacy();
    await expect(target.read(account, [], call)).rejects.toMatchObject({ name: 'SystemError', status });
  });
});
