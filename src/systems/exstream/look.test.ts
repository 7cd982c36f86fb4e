import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DESIGNER,
  EMEA,
  EVERY_ROLE,
  REVIEWER,
  startExstreamBench,
  type ExstreamBench,
} from '../../../test/support/exstreamStandIn.ts';
import { call } from '../../../test/support/otdsStandIn.ts';
import type { Change } from '../../domain/change.ts';
import { permissionDigest } from './drift.ts';
import type { ExstreamSystem } from './target.ts';

let bench: ExstreamBench;
beforeAll(async () => void (bench = await startExstreamBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const HANNAH = 'hannah.klein@staff';
const open: Change = { op: 'enable', profile: {} };
const grant = (entitlement: string): Change => ({ op: 'grant', entitlement });
const row = (group: string, roleName: string, domain: string) => ({ group, roleName, domain: { id: domain } });

describe('drift of group-roles', () => {
  test('is what the carrying groups lack, and what others have beyond the configuration', async () => {
    const lacking = ['APAC', 'EMEA'].map(
      (r) => `Group Authors ${r}@exstream.role lacks role bcauser in Regional ${r}.`,
    );
    expect(await bench.system.drift(call)).toEqual({ missing: lacking, foreign: [], changed: [] });

    await bench.design('POST', '/group-roles', { body: row('Interns@staff', 'release approver', 'Production') });
    await bench.design('POST', '/group-roles', { body: row('designers@EXSTREAM.role', 'reviewer', 'Production') });
    await bench.design('POST', '/group-roles', { body: row('Interns@staff', 'readonly', 'Testdomain') });
    await bench.design('DELETE', '/group-roles', {
      body: row('Designers@exstream.role', 'commdesigner', 'Development'),
    });
    expect(await bench.system.drift(call)).toEqual({
      missing: [...lacking, 'Group Designers@exstream.role lacks role commdesigner in Development.'],
      foreign: [
        'Group Interns@staff has role release approver in Production, which nothing configures.',
        'Group designers@EXSTREAM.role has role reviewer in Production, which nothing configures.',
      ],
      changed: [],
    });
  });

  test('a role that permits something else than pinned is told with its digest; pinned to that it is quiet', async () => {
    const permissions = { roleName: 'reviewer', objectType: 'all', permissions: 'opaque:standin:9' };
    const digest = permissionDigest([permissions]);
    const pinned = bench.client({ permissionDigests: { reviewer: digest } });
    expect((await pinned.drift(call)).changed).toEqual([]);
    const more = { ...permissions, permissions: 'opaque:standin:11' };
    await bench.design('POST', '/role-permissions', { body: more });
    expect((await pinned.drift(call)).changed).toEqual([
      `Role reviewer permits something else than configured; its digest is now ${permissionDigest([more])}.`,
    ]);
  });

  test('nothing is written', async () => {
    await bench.requests();
    await bench.system.drift(call);
    expect((await bench.requests()).filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

describe('probe', () => {
  test('of a shop in order has only the drift to tell', async () => {
    const found = await bench.system.target.probe(call);
    expect(found).toMatchObject({
      reachable: true,
      credentials: true,
      version: '22.4.0.99999',
      capabilities: {
        currentUser: true,
        domains: true,
        roles: true,
        groupRoles: true,
        effectivePermissions: true,
        otds: true,
      },
    });
    expect(found.problems).toEqual((await bench.system.drift(call)).missing);
  });

  test('names everything that is wrong, one sentence each', async () => {
    await bench.choose('SEMI_PUBLIC_PERMISSIONS', 404);
    const wrong = bench.client({
      domains: { ...bench.config.domains, Elsewhere: { clientId: 'tenure-emea', clientSecret: 'env:CLIENT' } },
      roles: { 'scribe@Production': 'Scribes@exstream.role' },
      accessRole: 'Access to Nothing',
      tokenLifeSeconds: 900,
      clientId: 'tenure-emea',
      otds: { ...bench.config.otds, clientId: 'tenure', clientSecret: 'env:CLIENT' },
    });
    const { capabilities, problems } = await wrong.target.probe(call);
    expect(capabilities).toMatchObject({ effectivePermissions: false, groupRoles: false });
    expect(problems).toEqual([
      expect.stringContaining('no tenant administrator'),
      expect.stringContaining('no domain Elsewhere'),
      expect.stringContaining('no role scribe'),
      expect.stringContaining('no domain Elsewhere'),
      expect.stringContaining('no access role Access to Nothing'),
      expect.stringContaining('no group Scribes@exstream.role'),
      expect.stringContaining('Tokens live 3600 s'),
    ]);
  });

  test('never throws for what is down', async () => {
    const down = bench.client({ url: 'http://127.0.0.1:9', limits: { ...bench.config.limits, requestMs: 500 } });
    expect(await down.target.probe(call)).toMatchObject({ reachable: false, credentials: false });
    await bench.fault({ match: { path: '/design/*' }, fault: { kind: 'html', status: 502 } });
    expect(await bench.system.target.probe(call)).toMatchObject({ reachable: false });
    await bench.control('DELETE', '/faults');
    await bench.otds.fault({ match: { path: '/otdsws/rest/accessroles*' }, fault: { kind: 'status', status: 500 } });
    expect(await bench.system.target.probe(call)).toMatchObject({ reachable: true, capabilities: { otds: false } });
  });
});

describe('lists without a trustworthy offset', () => {
  const roles = async (count: number) =>
    (await bench.client({}, { choices: { count } }).target.probe(call)).capabilities;

  test.each(['rows', 'page'])('are read to the end whatever it counts (%s)', async (meaning) => {
    await bench.choose('OFFSET_MEANS', meaning);
    expect(await roles(2)).toMatchObject({ domains: true, roles: true });
  });

  test('that do not end conclude nothing', async () => {
    await bench.choose('COUNT_MAX', 3);
    expect(await roles(2)).toMatchObject({ domains: false });
  });
});

describe('effective rights', () => {
  test('are listed with what Exstream says they permit, whichever group they come by', async () => {
    await bench.apply('ada.byrne@staff', open, grant(EMEA));
    const person = await bench.otds.person('ada.byrne@staff');
    const rights = await bench.system.effectiveRights({ person }, call);
    expect(rights.mayLogIn).toBe(true);
    expect(rights.rights.map(({ key, group, permissions }) => [key, group, permissions])).toEqual([
      [
        'exstream:role/bcauser@Development',
        'Marketing Editors@staff',
        [{ objectType: 'all', permissions: 'opaque:standin:7' }],
      ],
      [
        'exstream:role/bcauser@Production',
        'Marketing Editors@staff',
        [{ objectType: 'all', permissions: 'opaque:standin:7' }],
      ],
      [EMEA, 'Authors EMEA@exstream.role', [{ objectType: 'all', permissions: 'opaque:standin:7' }]],
    ]);
  });
});

describe('list', () => {
  async function listed(system: ExstreamSystem = bench.system, interest = EVERY_ROLE): Promise<string[]> {
    const found: string[] = [];
    let page: string | undefined;
    do {
      const { items, next } = await system.target.list(page, interest, call);
      for (const { label, actual } of items)
        found.push(`${label} ${actual.account} ${actual.held.map(({ key, how }) => `${key} ${how}`).join(', ')}`);
      page = next;
    } while (page !== undefined);
    return found.sort();
  }

  test('everybody in a group with a role, or let in by name, once, with the door and what is held', async () => {
    await bench.apply(HANNAH, open, grant(DESIGNER), grant(REVIEWER));
    await bench.apply('ben.otto@staff', grant(EMEA));
    await bench.apply('tom.weber@staff', open);
    const all = await listed();
    for (const row of [
      'ben.otto@staff disabled exstream:role/bcauser@Regional EMEA direct, exstream:role/commdesigner@Development group',
      `hannah.klein@staff present ${DESIGNER} direct, ${REVIEWER} direct`,
      'dmitri.volkov@staff disabled exstream:role/tenantadmin@Development group, exstream:role/tenantadmin@Production group',
    ])
      expect(all).toContain(row);
    expect(all.some((row) => row.startsWith('tom.weber@staff present'))).toBe(true);
    expect(all.some((row) => row.includes('@OAuthClients'))).toBe(false);
    expect(await listed(bench.client(), [EMEA])).toEqual([
      'ben.otto@staff disabled exstream:role/bcauser@Regional EMEA direct',
      'hannah.klein@staff present ',
      'ingrid.solberg@staff disabled ',
      'tom.weber@staff present ',
    ]);
  });

  test('costs one request for each group with a role and one for the access role, none per person', async () => {
    for (const key of [DESIGNER, EMEA]) await bench.apply('ada.byrne@staff', open, grant(key));
    const groups = new Set((await bench.groupRoles()).map((row) => row.split(': ')[0]));
    await bench.otds.requests();
    await listed();
    const few = (await bench.otds.requests()).filter(({ caller }) => caller === 'tenure@OAuthClients').length;
    expect(few).toBe(groups.size + 1);
    for (const who of ['ben.otto@staff', HANNAH]) await bench.apply(who, open, grant(DESIGNER), grant(EMEA));
    await bench.otds.requests();
    await listed();
    expect((await bench.otds.requests()).filter(({ caller }) => caller === 'tenure@OAuthClients')).toHaveLength(few);
  });

  test('a cursor goes on where it was, in another process too', async () => {
    const { items } = await bench.client().target.list(undefined, EVERY_ROLE, call);
    expect((await bench.client().target.list(items[1]?.nativeId, EVERY_ROLE, call)).items).toEqual(items.slice(2));
  });
});
