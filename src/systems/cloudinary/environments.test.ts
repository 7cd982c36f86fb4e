import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { seenUsers } from '../../../test/support/cloudinarySeen.ts';
import {
  applyCall,
  mail,
  startCloudinaryBench,
  type CloudinaryBench,
} from '../../../test/support/cloudinaryStandIn.ts';
import { person } from '../../../test/support/fakes.ts';
import type { Change } from '../../domain/change.ts';

let bench: CloudinaryBench;
beforeAll(async () => void (bench = await startCloudinaryBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const profile = { email: mail('nora.vance'), name: 'Nora Vance', role: 'media_library_user' };
const create: Change = { op: 'create', profile };
const enable: Change = { op: 'enable', profile: {} };
const grant = (cloud: string): Change => ({ op: 'grant', entitlement: `cloudinary:environment/${cloud}` });
const revoke = (cloud: string): Change => ({ op: 'revoke', entitlement: `cloudinary:environment/${cloud}` });
const entered = async (login: string) => seenUsers(await bench.state(), mail(login))[0]?.environments;
const held = async (id: string) =>
  (await bench.read(id)).held
    .filter(({ key }) => key.startsWith('cloudinary:environment/'))
    .map(({ key, how }) => `${key.slice('cloudinary:environment/'.length)} ${how}`);
const setByHand = async (login: string, set: object) =>
  void (await bench.act({ action: 'edit', user: mail(login), set: { ...set } }));
/** No request of ours ever says "all environments". */
const neverAll = async () => {
  const sent = (await bench.writes()).flatMap(({ writes }) => writes).filter(({ object }) => object === 'user');
  for (const { after } of sent) expect(after).not.toMatchObject({ sub_account_ids: [] });
  expect(sent.length).toBeGreaterThan(0);
};

describe('an empty list of environments means all of them, so it is never sent', () => {
  test('a new user enters the fallback environment alone', async () => {
    const [applied] = await bench.change(undefined, create);
    expect(await entered('nora.vance')).toEqual(['northwind-archive']);
    expect(await held(applied?.nativeId ?? '')).toEqual(['northwind-archive inherited']);
    await neverAll();
  });

  test('the first environment granted takes the place of the fallback, the next one is added', async () => {
    const [applied] = await bench.change(undefined, create);
    await bench.change(applied?.nativeId, grant('northwind'));
    expect(await entered('nora.vance')).toEqual(['northwind']);
    await bench.change(applied?.nativeId, grant('northwind-archive'));
    expect(await entered('nora.vance')).toEqual(['northwind', 'northwind-archive']);
    expect(await held(applied?.nativeId ?? '')).toEqual(['northwind direct', 'northwind-archive direct']);
    await neverAll();
  });

  test('the last environment taken away leaves the fallback', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    await bench.change(id, revoke('northwind'));
    expect(await entered('ben.otto')).toEqual(['northwind-archive']);
    await bench.change(id, revoke('northwind-archive'));
    expect(await entered('ben.otto')).toEqual(['northwind-archive']);
    await neverAll();
  });

  test('without the fallback environment nobody is invited, and nothing is taken away by giving everything', async () => {
    const { target } = bench.client({ config: { fallbackEnvironment: 'nowhere' } });
    const account = { person: person('nora.vance@staff') };
    const nothing = { account: 'absent' as const, profile: {}, held: [], warnings: [] };
    const code = 'CLOUDINARY_NO_FALLBACK_ENVIRONMENT';
    await expect(target.apply(account, create, nothing, applyCall)).rejects.toMatchObject({ code, retryable: false });
    const nativeId = await bench.idOf(mail('ben.otto'));
    await expect(target.apply({ ...account, nativeId }, revoke('northwind'), nothing, applyCall)).rejects.toMatchObject(
      { code },
    );
    expect(await bench.writes()).toEqual([]);
    expect(await entered('ben.otto')).toEqual(['northwind']);
  });
});

describe('somebody who may enter every environment', () => {
  test('holds each of them, and those to come as a thing of its own', async () => {
    const id = await bench.idOf(mail('tom.weber'));
    expect(await held(id)).toEqual(['all environments direct', 'northwind direct', 'northwind-archive direct']);
  });

  test('is confined to those of today, or to what remains', async () => {
    const id = await bench.idOf(mail('tom.weber'));
    await bench.change(id, revoke('all environments'));
    expect(await entered('tom.weber')).toEqual(['northwind', 'northwind-archive']);
    await setByHand('tom.weber', { sub_account_ids: [] });
    await bench.change(id, revoke('northwind-archive'));
    expect(await entered('tom.weber')).toEqual(['northwind']);
    await neverAll();
  });

  test('cannot be made so: environments are named one by one', async () => {
    const id = await bench.idOf(mail('ben.otto'));
    await expect(bench.change(id, grant('all environments'))).rejects.toMatchObject({
      code: 'CLOUDINARY_NOT_GRANTABLE',
    });
  });

  test('does not come back into all of them when the account is opened again', async () => {
    await setByHand('tom.weber', { enabled: false });
    const id = await bench.idOf(mail('tom.weber'));
    await bench.change(id, enable);
    expect(await entered('tom.weber')).toEqual(['northwind-archive']);
    await setByHand('fatima.zahra', { enabled: false });
    await bench.change(await bench.idOf(mail('fatima.zahra')), enable);
    expect(await entered('fatima.zahra')).toEqual(['northwind']);
    await neverAll();
  });

  test('by being master admin keeps them: nothing is written, and it is told', async () => {
    const id = await bench.idOf(mail('omar.haddad'));
    const { warnings } = await bench.read(id);
    expect(warnings.join()).toContain('account role is master_admin');
    expect(await held(id)).toEqual([
      'all environments inherited',
      'northwind inherited',
      'northwind-archive inherited',
    ]);
    await bench.writes();
    await bench.change(id, revoke('northwind-archive'), grant('northwind'));
    expect(await bench.writes()).toEqual([]);
  });
});

test('an environment that does not exist is told by name', async () => {
  const id = await bench.idOf(mail('ben.otto'));
  await expect(bench.change(id, grant('nowhere'))).rejects.toMatchObject({
    code: 'CLOUDINARY_UNKNOWN_ENVIRONMENT',
    message: expect.stringContaining('"nowhere"'),
  });
});
