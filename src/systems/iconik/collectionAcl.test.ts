import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { call, startIconikBench, type IconikBench } from '../../../test/support/iconikStandIn.ts';

let bench: IconikBench;
beforeAll(async () => void (bench = await startIconikBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const grant = (entitlement: string) => ({ op: 'grant' as const, entitlement });
const revoke = (entitlement: string) => ({ op: 'revoke' as const, entitlement });
const everything = ['iconik:collection/**'];
const onCollections = async (id: string, interest: readonly string[] = everything) =>
  (await bench.read(id, interest)).held
    .filter((h) => h.key.startsWith('iconik:collection/'))
    .map((h) => `${h.key} ${h.how}`);
const finished = 'iconik:collection/Legal/Finished';

describe('own rows on collections', () => {
  test('are granted with read sent along, raised, and taken away for this person alone', async () => {
    const id = await bench.idOf('ada.byrne@northwind.example');
    await bench.apply(id, grant(`${finished}#write`));
    expect(await onCollections(id)).toEqual([`${finished}#write direct`]);
    const rights = await bench.system.effectiveRights(id, call);
    expect(rights.collections).toEqual([
      { path: 'Legal/Finished', id: expect.any(String), permissions: ['read', 'write'], by: ['users_acl'] },
    ]);
    await bench.apply(id, grant(`${finished}#change-acl`), revoke(`${finished}#write`));
    expect(await onCollections(id)).toEqual([`${finished}#change-acl direct`]);
    await bench.apply(id, revoke(`${finished}#change-acl`));
    expect(await onCollections(id)).toEqual([]);
  });

  test('a grant never lowers a row, and a second level asked for by name needs no second row', async () => {
    const id = await bench.idOf('ada.byrne@northwind.example');
    await bench.apply(id, grant(`${finished}#write`));
    await bench.writes();
    await bench.apply(id, grant(`${finished}#read`), grant(`${finished}#write`));
    expect(await bench.writes()).toEqual([]);
    expect(await onCollections(id, [...everything, `${finished}#read`])).toEqual([
      `${finished}#read inherited`,
      `${finished}#write direct`,
    ]);
  });

  test('a leaver loses the row that somebody made by hand, a propagating one too', async () => {
    const id = await bench.idOf('tom.weber@northwind.example');
    await bench.act({ action: 'edit', user: id, collection: 'Legal', permissions: ['read'], propagating: true });
    const direct = async () => (await onCollections(id)).filter((entry) => entry.endsWith(' direct'));
    expect(await direct()).toEqual([
      'iconik:collection/Legal#read direct',
      'iconik:collection/Unit Trailers#write direct',
    ]);
    await bench.apply(id, revoke('iconik:collection/Legal#read'), revoke('iconik:collection/Unit Trailers#write'));
    expect(await direct()).toEqual([]);
  });

  test('what comes by a team or from above is told apart', async () => {
    const id = await bench.idOf('emily.carter@northwind.example');
    const held = await onCollections(id);
    expect(held).toContain('iconik:collection/Marketing#write group');
    expect(held).toContain('iconik:collection/Marketing/Finished#write inherited');
    expect(held.filter((entry) => entry.includes('Legal') || entry.endsWith('direct'))).toEqual([]);
  });

  test('only what matters is looked at', async () => {
    const id = await bench.idOf('tom.weber@northwind.example');
    expect(await onCollections(id, [])).toEqual([]);
    expect(await onCollections(id, ['iconik:collection/Unit Trailers#read'])).toEqual([
      'iconik:collection/Unit Trailers#read inherited',
      'iconik:collection/Unit Trailers#write direct',
    ]);
    expect(await onCollections(id, ['iconik:collection/Legal/**'])).toEqual([]);
  });

  test('a path that iconik does not have, or has twice, is refused', async () => {
    const id = await bench.idOf('ada.byrne@northwind.example');
    await expect(bench.apply(id, grant('iconik:collection/Nowhere#read'))).rejects.toMatchObject({
      code: 'ICONIK_UNKNOWN_COLLECTION',
    });
    await bench.system.client.write(
      {
        method: 'POST',
        at: '/API/assets/v1/collections/?apply_default_acls=false',
        json: { title: 'Legal', is_root: true },
        about: 'test',
      },
      call,
    );
    const again = bench.client({});
    const account = { person: { uuid: 'u' } as never, nativeId: id };
    const actual = await again.target.read(account, [], call);
    await expect(
      again.target.apply(account, grant('iconik:collection/Legal#read'), actual, {
        ...call,
        withSharedObject: async (_o, work) => await work(),
      }),
    ).rejects.toMatchObject({ code: 'ICONIK_AMBIGUOUS_NAME' });
  });

  test('a collection whose ACL is not shown is a warning while the account is open, an error once it is closed', async () => {
    const id = await bench.idOf('tom.weber@northwind.example');
    await bench.fault({
      match: { method: 'GET', path: '/API/acls/v1/acl/collections/*' },
      fault: { kind: 'status', status: 403 },
    });
    const open = await bench.read(id, ['iconik:collection/Legal#read']);
    expect(open.warnings).toContainEqual(expect.stringContaining('no ACL of 1 collections'));
    await bench.act({ action: 'edit', user: id, set: { status: 'INACTIVE' } });
    await expect(bench.read(id, ['iconik:collection/Legal#read'])).rejects.toMatchObject({ code: 'ICONIK_FORBIDDEN' });
  });
});

describe('own shares', () => {
  test('of a leaver are closed and their links stop; the application token is warned about', async () => {
    const id = await bench.idOf('tom.weber@northwind.example');
    const actual = await bench.read(id, ['iconik:share/*']);
    const shares = actual.held.filter((h) => h.key.startsWith('iconik:share/'));
    expect(shares).toEqual([{ key: expect.any(String), how: 'direct', closesOnLeave: true }]);
    expect(actual.warnings).toEqual([expect.stringMatching(/^1 application token acts as this user/)]);
    const share = shares[0]?.key ?? '';
    const link = { action: 'openShare', share: share.slice('iconik:share/'.length) };
    expect(await bench.act(link)).toMatchObject({ result: { opened: true } });
    await bench.apply(id, revoke(share), revoke(share));
    expect(await bench.act(link)).toMatchObject({ result: { opened: false } });
    expect((await bench.read(id, ['iconik:share/*'])).held.filter((h) => h.key.startsWith('iconik:share/'))).toEqual(
      [],
    );
  });

  test('are not asked for where policy leaves them alone, and cannot be granted', async () => {
    const id = await bench.idOf('tom.weber@northwind.example');
    expect((await bench.read(id, ['iconik:team/*'])).held.filter((h) => h.closesOnLeave)).toEqual([]);
    await expect(bench.apply(id, grant('iconik:share/123'))).rejects.toMatchObject({ code: 'ICONIK_NOT_GRANTABLE' });
  });

  test('of others are never taken for own ones, should iconik not heed the filter', async () => {
    const id = await bench.idOf('tom.weber@northwind.example');
    const objects = [{ id: 'theirs', owner_id: 'somebody-else' }, { id: 'nobodys' }, { id: 'own', owner_id: id }];
    await bench.fault({
      match: { path: '/API/assets/v1/shares/all/' },
      fault: { kind: 'status', status: 200, body: { objects } },
    });
    const { held } = await bench.read(id, ['iconik:share/*']);
    expect(held.filter((h) => h.closesOnLeave).map((h) => h.key)).toEqual(['iconik:share/own']);
  });

  test('a dropped body of the closing call is found out by the read', async () => {
    const id = await bench.idOf('tom.weber@northwind.example');
    const share = (await bench.read(id, ['iconik:share/*'])).held.find((h) => h.closesOnLeave)?.key ?? '';
    await bench.fault({ match: { method: 'DELETE' }, times: 1, fault: { kind: 'special', name: 'dropDeleteBody' } });
    await bench.apply(id, revoke(share)).catch(() => undefined);
    expect((await bench.read(id, ['iconik:share/*'])).held.map((h) => h.key)).toContain(share);
  });
});

describe('least privilege', () => {
  test('each sample person can do what their teams say, and nothing next door', async () => {
    const rightsOf = async (email: string) => {
      const { collections } = await bench.system.effectiveRights(await bench.idOf(email), call);
      return Object.fromEntries(collections.map((c) => [c.path, c.permissions.join(' ')]));
    };
    const emily = await rightsOf('emily.carter@northwind.example');
    expect(Object.keys(emily).sort()).toEqual(
      ['Marketing', 'Marketing Americas']
        .flatMap((name) => [name, `${name}/Finished`, `${name}/Work in Progress`])
        .sort(),
    );
    const lena = await rightsOf('lena.fischer@northwind.example').catch(
      async () => await rightsOf('lena.fischer@agency.example'),
    );
    expect([...new Set(Object.values(lena))]).toEqual(['read']);
    const omar = await bench.system.effectiveRights(await bench.idOf('omar.haddad@northwind.example'), call);
    expect(omar.collections.every((c) => c.by[0] === 'owner')).toBe(true);
  });
});
