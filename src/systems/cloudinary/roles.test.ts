import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { seenUsers } from '../../../test/support/cloudinarySeen.ts';
import { call, mail, startCloudinaryBench, type CloudinaryBench } from '../../../test/support/cloudinaryStandIn.ts';
import { person } from '../../../test/support/fakes.ts';
import type { Change } from '../../domain/change.ts';

let bench: CloudinaryBench;
beforeAll(async () => void (bench = await startCloudinaryBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const somebody = person('somebody@staff');
const grant = (key: string): Change => ({ op: 'grant', entitlement: `cloudinary:${key}` });
const revoke = (key: string): Change => ({ op: 'revoke', entitlement: `cloudinary:${key}` });
const roles = async (login: string) => seenUsers(await bench.state(), mail(login))[0]?.roles;
const held = async (id: string, how = 'direct') =>
  (await bench.read(id)).held
    .filter((one) => one.how === how && /:(folder|role|account-role|collection|content)\//.test(one.key))
    .map(({ key }) => key.slice('cloudinary:'.length));
const folderId = async (path: string): Promise<string> =>
  Object.values((await bench.state()).folders).find((one) => one.path === path)?.external_id ?? '';

const kinds: [key: string, seen: string][] = [
  ['account-role/reports', 'account::reports@'],
  ['role/ml_user@northwind', 'prodenv::ml_user@northwind'],
  ['folder/Marketing/EMEA#contributor@northwind', 'folder::contributor@northwind/Marketing/EMEA'],
  ['folder/Legal#campaign_reviewer@northwind', 'campaign_reviewer@northwind/Legal'],
];

describe.each(kinds)('%s', (key, seen) => {
  /** Where the contract leaves it open, Cloudinary may behave in either way. */
  test.each([
    {},
    { grantHeldRole: 409, removeAbsentRole: 404, cursorPlace: 'data', inspectPageSize: 1 },
    { missingParameter: 'missing fields', unknownParameterValue: 200 },
  ])('is granted once, read by inspect, and taken away, in a world with %j', async (world) => {
    for (const [constant, value] of Object.entries(world)) await bench.choose(constant, value);
    const id = await bench.idOf(mail('ben.otto'));
    await bench.change(id, grant(key), grant(key));
    expect(await roles('ben.otto')).toEqual([expect.stringContaining(seen)]);
    expect(await held(id)).toEqual([key]);
    expect((await bench.writes()).map(({ method, status }) => `${method} ${status}`)).toEqual(['PUT 200']);
    await bench.change(id, revoke(key), revoke(key));
    expect(await roles('ben.otto')).toEqual([]);
    expect((await bench.writes()).map(({ method, status }) => `${method} ${status}`)).toEqual(['PUT 200']);
  });
});

test('a collection is named by its id', async () => {
  const id = await bench.idOf(mail('ben.otto'));
  const [collection] = Object.keys((await bench.state()).collections);
  const key = `collection/${collection}#viewer@northwind`;
  await bench.change(id, grant(key));
  expect(await held(id)).toEqual([key]);
  await bench.change(id, revoke(key));
  expect(await held(id)).toEqual([]);
  await expect(bench.change(id, grant('collection/Press Kit#viewer@northwind'))).rejects.toMatchObject({
    code: 'CLOUDINARY_UNKNOWN_COLLECTION',
  });
});

test('what the vendor sees of a grant on a folder: environment and folder, never the role alone', async () => {
  const id = await bench.idOf(mail('ben.otto'));
  await bench.change(id, grant('folder/Legal/Rights#viewer@northwind'));
  const [written] = (await bench.writes()).flatMap(({ writes }) => writes);
  const [environment] = Object.values((await bench.state()).environments).filter(
    (one) => one.cloud_name === 'northwind',
  );
  expect(written?.after).toMatchObject({
    role_id: 'cld::role::folder::viewer',
    scope_id: environment?.id,
    policy_parameters: { folder_id: await folderId('Legal/Rights') },
  });
});

describe('a full read', () => {
  test('finds roles on every folder, whether a policy names it or not, and those of groups as such', async () => {
    const id = await bench.idOf(mail('ada.byrne'));
    for (const folder of ['Project Aurora/Trailers', 'Post Production'])
      await bench.act({ action: 'edit', user: mail('ada.byrne'), role: 'campaign_reviewer', folder, present: true });
    expect((await bench.read(id, ['cloudinary:group/*'])).held.filter(({ how }) => how === 'direct')).toHaveLength(5);
    expect(await held(id)).toEqual([
      'folder/Marketing/EMEA#manager@northwind',
      'folder/Post Production#campaign_reviewer@northwind',
      'folder/Project Aurora/Trailers#campaign_reviewer@northwind',
    ]);
    expect(await held(id, 'group')).toEqual(['folder/Marketing#contributor@northwind', 'role/ml_user@northwind']);
  });

  test('finds roles where we have no key, on folders that are gone, and in all environments; they can be taken away', async () => {
    await bench.act({ action: 'edit', folder: 'Vault', cloud: 'northwind-archive' });
    const where = { cloud: 'northwind-archive', folder: 'Vault', role: 'cld::role::folder::viewer', present: true };
    await bench.act({ action: 'edit', user: mail('ben.otto'), ...where });
    const vault = await folderId('Vault');
    const id = await bench.idOf(mail('ben.otto'));
    await bench.edit((state) => {
      const row = { principal_type: 'user', principal_id: id, created_at: '2026-01-05T09:00:00Z' };
      const ghost = { ...row, role_id: 'cld::role::folder::manager', policy_parameters: { folder_id: 'gone' } };
      const [northwind] = Object.values(state.environments).filter((one) => one.cloud_name === 'northwind');
      state.assignments['a'] = { ...ghost, scope_id: northwind?.id ?? '' };
      state.assignments['b'] = {
        ...row,
        role_id: 'cld::role::prodenv::reports',
        scope_id: 'all',
        policy_parameters: {},
      };
    });
    const all = [
      'folder/unknown folder gone#manager@northwind',
      `folder/unknown folder ${vault}#viewer@northwind-archive`,
      'role/reports@all environments',
    ];
    expect(await held(id)).toEqual(all.sort());
    await bench.change(id, revoke(`folder/unknown folder ${vault}#viewer@northwind-archive`));
    expect(await roles('ben.otto')).not.toContain('folder::viewer@northwind-archive/Vault');
  });

  test('calls a folder that was moved by its new path; a grant never goes by an old one', async () => {
    const id = await bench.idOf(mail('ada.byrne'));
    expect(await held(id)).toEqual(['folder/Marketing/EMEA#manager@northwind']);
    await bench.edit((state) => {
      for (const folder of Object.values(state.folders)) if (folder.path === 'Marketing/EMEA') folder.path = 'Europe';
    });
    await expect(bench.change(id, grant('folder/Marketing/EMEA#viewer@northwind'))).rejects.toMatchObject({
      code: 'CLOUDINARY_UNKNOWN_FOLDER',
      message: expect.stringContaining('"Marketing/EMEA"'),
    });
    const fresh = await bench.client().target.read({ person: somebody, nativeId: id }, [], call);
    expect(fresh.held.map(({ key }) => key)).toContain('cloudinary:folder/Europe#manager@northwind');
  });

  test('knows a folder that the search does not show yet: what hangs on it is not taken for something else', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    await bench.read(id);
    await bench.act({ action: 'edit', folder: 'Brand new' });
    await bench.change(id, grant('folder/Brand new#viewer@northwind'));
    await bench.fault({
      match: { path: '*/folders/search' },
      fault: { kind: 'status', status: 200, body: { folders: [{ path: 'Legal', external_id: 'x' }] } },
    });
    const { target } = bench.client();
    const { held: all } = await target.read({ person: somebody, nativeId: id }, [], call);
    expect(all.map(({ key }) => key)).toContain('cloudinary:folder/Brand new#viewer@northwind');
  });

  test('of a closed account tells every place that was looked at', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    expect((await bench.read(id)).checked).toBeUndefined();
    await bench.change(id, { op: 'disable', profile: {} });
    const { checked = [] } = await bench.read(id);
    const folders = Object.values((await bench.state()).folders).map(({ path }) => `folder ${path}@northwind`);
    expect(checked).toEqual(expect.arrayContaining(['account', 'user groups', 'environment northwind', ...folders]));
    expect(checked).toContain('folders of northwind-archive by id (no key for their names)');
  });
});

describe('while the environment does not show its folders', () => {
  const down = (status: number) =>
    bench.fault({ match: { path: '/v1_1/northwind/*' }, fault: { kind: 'status', status } });

  test('an open account is read by the folders known before, a new folder is not guessed at', async () => {
    const id = await bench.idOf(mail('ada.byrne'));
    const { target } = bench.client({ choices: { catalogMs: 0 } });
    const read = async (who: string) =>
      await target.read({ person: somebody, nativeId: await bench.idOf(mail(who)) }, [], call);
    await read('ada.byrne');
    await down(503);
    expect((await read('ada.byrne')).held.map(({ key }) => key)).toContain(
      'cloudinary:folder/Marketing/EMEA#manager@northwind',
    );
    await expect(bench.client().target.read({ person: somebody, nativeId: id }, [], call)).rejects.toMatchObject({
      code: 'CLOUDINARY_UNAVAILABLE',
      retryable: true,
    });
  });

  test.each([503, 420, 403])(
    'an open account can be closed all the same (%i), and nothing is proved of it',
    async (status) => {
      const id = await bench.idOf(mail('ada.byrne'));
      const unknown = `folder/unknown folder ${await folderId('Marketing/EMEA')}#manager@northwind`;
      await down(status);
      expect(await held(id)).toEqual([unknown]);
      const closing: Change = { op: 'disable', profile: {} };
      expect(await bench.change(id, closing)).toEqual([{ outcome: 'done' }]);
      await expect(bench.change(id, revoke(unknown))).rejects.toMatchObject({ name: 'SystemError', status });
      await expect(bench.read(id)).rejects.toMatchObject({ name: 'SystemError', status });
      expect(await roles('ada.byrne')).toEqual(['folder::manager@northwind/Marketing/EMEA']);
    },
  );

  test('a role that went by its id for a while is never taken for one that is not due', async () => {
    const id = await bench.idOf(mail('ada.byrne'));
    const unknown = `folder/unknown folder ${await folderId('Marketing/EMEA')}#manager@northwind`;
    expect(await bench.change(id, revoke(unknown))).toEqual([{ outcome: 'done' }]);
    expect(await roles('ada.byrne')).toEqual(['folder::manager@northwind/Marketing/EMEA']);
  });

  test('a refusal hides what nobody manages, with a warning', async () => {
    await down(403);
    const open = await bench.read(await bench.idOf(mail('ada.byrne')), ['cloudinary:group/*']);
    expect(open.warnings).toEqual([expect.stringContaining('shows us no folders of northwind')]);
    expect(open.held.map(({ key }) => key).join()).not.toContain('folder/');
  });
});

describe('what does not exist is told by name, and nothing is sent', () => {
  test.each([
    ['role/nobody@northwind', 'CLOUDINARY_UNKNOWN_ROLE'],
    ['account-role/viewer', 'CLOUDINARY_UNKNOWN_ROLE'],
    ['folder/Legal#owner@northwind', 'CLOUDINARY_UNKNOWN_ROLE'],
    ['folder/Nowhere#viewer@northwind', 'CLOUDINARY_UNKNOWN_FOLDER'],
    ['folder/legal#viewer@northwind', 'CLOUDINARY_UNKNOWN_FOLDER'],
    ['folder/Legal#viewer@nowhere', 'CLOUDINARY_UNKNOWN_ENVIRONMENT'],
    ['folder/Legal#viewer@northwind-archive', 'CLOUDINARY_UNCONFIGURED_ENVIRONMENT'],
    ['content/asset_id=1#viewer@northwind', 'CLOUDINARY_NOT_GRANTABLE'],
    ['folder/Legal', 'CLOUDINARY_UNKNOWN_ENTITLEMENT'],
  ])('%s: %s', async (key, code) => {
    await expect(bench.change(await bench.idOf(mail('ben.otto')), grant(key))).rejects.toMatchObject({
      code,
      retryable: false,
    });
    expect(await bench.writes()).toEqual([]);
  });
});
