import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { attribute, start } from './harness.ts';
import type { Sandbox } from './harness.ts';

let s: Sandbox;
beforeAll(async () => {
  s = await start();
});
afterAll(() => s.close());
beforeEach(async () => {
  await s.control('POST', '/reset');
  s.ticket = (await s.login('otadmin@otds.admin', 'otds-sandbox')).body.ticket;
});

describe('how a user is found', () => {
  test('raw @, %40, trailing slash, case, bare login, long and short DN, all the same user', async () => {
    const { body } = await s.call('GET', '/users/ada.byrne@staff');
    const short = `oTPerson=${body.uuid},dc=identity,dc=opentext,dc=net`;
    for (const ref of [
      'ada.byrne%40staff',
      'ada.byrne@staff/',
      'ADA.BYRNE@staff',
      'ada.byrne',
      body.location,
      encodeURIComponent(body.location),
      short,
    ]) {
      expect([ref, (await s.call('GET', `/users/${ref}`)).body.uuid]).toEqual([ref, body.uuid]);
    }
    expect((await s.call('GET', `/users/${body.uuid}`)).status).toBe(404);
    const tenant = await fetch(`${s.url}/otdstenant/acme/otdsws/rest/users/ada.byrne@staff`, {
      headers: { OTDSTicket: s.ticket },
    });
    expect(tenant.status).toBe(200);
  });

  test('a login with an @ has itself as id and is asked for by login@partition', async () => {
    const { body } = await s.call('GET', '/users/ivy@acme@partners');
    expect([body.id, body.name]).toEqual(['ivy@acme', 'ivy@acme']);
    expect((await s.call('GET', `/users/${encodeURIComponent(body.id)}`)).body.uuid).toBe(body.uuid);
    expect(attribute(body, 'oTExternalID2')).toEqual(['ivy@acme@partners']);
  });

  test('non-ASCII logins, + kept as it is, a bare login that two partitions share is refused', async () => {
    expect((await s.call('GET', `/users/${encodeURIComponent('søren.åkesson@staff')}`)).body.name).toBe(
      'søren.åkesson',
    );
    expect((await s.call('GET', '/groups/Marketing+Editors')).status).toBe(404);
    expect((await s.call('GET', '/groups/Marketing%20Editors@staff')).body.id).toBe('Marketing Editors@staff');
    const { status, headers } = await s.call('GET', '/users/sam.reyes');
    expect([status, headers.get('x-standin-chosen')]).toEqual([400, 'BARE_LOGIN']);
    const patched = await s.call('PATCH', '/users/sam.reyes', {
      userPartitionID: 'contractors',
      description: 'agency',
    });
    expect(patched.body).toMatchObject({ id: 'sam.reyes@contractors', description: 'agency' });
  });

  test('a missing user is 404 with 3007, an unknown path 404, a wrong method 405, each in three fields', async () => {
    const missing = await s.call('GET', '/users/nobody@staff');
    expect([missing.status, missing.body.status, missing.body.errorDetails]).toEqual([404, 3007, null]);
    for (const path of ['/licensemanagement/licenses', '/recyclebin', '/consolidation', '/partitions']) {
      const { status, body } = await s.call('GET', path);
      expect([path, [404, 405].includes(status), Object.keys(body)]).toEqual([
        path,
        true,
        ['status', 'error', 'errorDetails'],
      ]);
    }
    expect((await s.call('DELETE', '/users')).status).toBe(405);
  });
});

describe('how a user looks', () => {
  test('values by default, attributes on request, strings throughout, the same object in both', async () => {
    const { body } = await s.call('GET', '/users/ada.byrne@staff');
    const { body: keyed } = await s.call('GET', '/users/ada.byrne@staff?attrsAsKeys=True&attrs=*&limit=3');
    expect(Object.keys(body).sort()).toEqual([
      'customAttributes', 'description', 'id', 'location', 'name', 'objectClass', 'originUUID', 'urlId', 'urlLocation', 'userPartitionID', 'uuid', 'values',
    ]); // prettier-ignore
    expect(keyed.values).toEqual([]);
    expect(Object.fromEntries(body.values.map((v) => [v.name, v.values]))).toEqual(keyed.attributes);
    expect(keyed.attributes).toMatchObject({
      accountDisabled: ['false'],
      accountLockedOut: ['false'],
      oTExternalID1: ['ada.byrne'],
      oTExternalID2: ['ada.byrne@staff'],
      oTExternalID4: ['staffada.byrne'],
      entryUUID: [body.uuid],
      oTObjectGUID: [Buffer.from(body.uuid.replaceAll('-', ''), 'hex').toString('base64')],
      modifyTimestamp: [expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)],
      oTMemberOf: expect.arrayContaining([
        expect.stringMatching(/^oTGroup=[0-9a-f-]{36},dc=identity,dc=opentext,dc=net$/),
      ]),
      oTExtraAttr0: ['employee'],
      oTExtraAttr5: ['grace.lee@staff'],
    });
    expect(body.location).toBe(`oTPerson=${body.uuid},orgunit=users,partition=staff,dc=identity,dc=opentext,dc=net`);
  });
});

describe('changes', () => {
  test('create, patch, disable, delete; the ledger tells each with its changed fields', async () => {
    const before = (await s.ledger()).length;
    const made = await s.call('POST', '/users', {
      userPartitionID: 'staff',
      name: 'new.person',
      values: [
        { name: 'sn', values: ['Person'] },
        { name: 'givenName', values: [''] },
        { name: 'accountdisabled', values: [true] },
      ],
    });
    expect([made.status, attribute(made.body, 'accountDisabled'), attribute(made.body, 'givenName')]).toEqual([
      200,
      ['true'],
      undefined,
    ]);
    const patched = await s.call('PATCH', '/users/new.person@staff', {
      values: [{ name: 'accountDisabled', values: ['False'] }],
    });
    expect(attribute(patched.body, 'accountDisabled')).toEqual(['false']);
    expect(attribute(patched.body, 'sn')).toEqual(['Person']);
    await s.call('PATCH', '/users/new.person@staff', { values: [{ name: 'accountDisabled', values: ['false'] }] });
    const gone = await s.call('DELETE', '/users/new.person@staff');
    expect([gone.status, gone.text]).toEqual([204, '']);
    expect((await s.call('DELETE', '/users/new.person@staff')).status).toBe(404);
    const entries = (await s.ledger()).slice(before);
    expect(entries.map((e) => [e.method, e.status, e.caller])).toEqual([
      ['POST', 200, 'otadmin@otds.admin'],
      ['PATCH', 200, 'otadmin@otds.admin'],
      ['PATCH', 200, 'otadmin@otds.admin'],
      ['DELETE', 204, 'otadmin@otds.admin'],
      ['DELETE', 404, 'otadmin@otds.admin'],
    ]);
    expect(entries[1]?.writes).toEqual([
      {
        object: 'user',
        id: made.body.uuid,
        before: { accountDisabled: ['true'] },
        after: { accountDisabled: ['false'] },
      },
    ]);
    expect(entries[2]?.writes[0]?.before).toEqual(entries[2]?.writes[0]?.after);
    expect(entries[3]?.writes.at(-1)).toMatchObject({ object: 'user', after: null });
  });

  test('duplicates in any case, bad bodies and unknown partitions are refused', async () => {
    const bodies = [
      { userPartitionID: 'staff', name: 'Ada.Byrne' },
      { userPartitionID: 'staff' },
      { userPartitionID: 'staff', name: 'x', values: { mail: 'x' } },
      { userPartitionID: 'staff', name: 'x', values: [{ name: 'mail', values: [{}] }] },
    ];
    for (const body of bodies) expect((await s.call('POST', '/users', body)).status).toBe(400);
    expect((await s.call('POST', '/users', { userPartitionID: 'none', name: 'x' })).status).toBe(404);
    const notJson = await fetch(`${s.url}/otdsws/rest/users`, {
      method: 'POST',
      body: '{',
      headers: { OTDSTicket: s.ticket },
    });
    expect(notJson.status).toBe(400);
  });

  test('PUT replaces (or merges, when chosen); a whole object that was read can be put back unchanged', async () => {
    const { body } = await s.call('GET', '/users/ada.byrne@staff');
    expect((await s.call('PUT', '/users/ada.byrne@staff', body)).status).toBe(200);
    const again = await s.call('GET', '/users/ada.byrne@staff');
    const steady = (b: typeof body) =>
      b.values.filter((v) => v.name !== 'modifyTimestamp').sort((x, y) => (x.name < y.name ? -1 : 1));
    expect(steady(again.body)).toEqual(steady(body));
    const partial = { values: [{ name: 'accountDisabled', values: ['true'] }] };
    await s.control('POST', '/act', { action: 'choose', constant: 'PUT_MODE', value: 'merge' });
    expect(attribute((await s.call('PUT', '/users/ada.byrne@staff', partial)).body, 'mail')).toBeDefined();
    await s.control('POST', '/act', { action: 'choose', constant: 'PUT_MODE', value: 'replace' });
    expect(attribute((await s.call('PUT', '/users/ada.byrne@staff', partial)).body, 'mail')).toBeUndefined();
  });

  test('partitions, organizational units, resources with their access role, roles and their members', async () => {
    expect((await s.call('POST', '/partitions', { name: 'guests', description: 'd' })).body.location).toContain(
      'partition=guests',
    );
    const ou = (await s.call('POST', '/orgunits', { userPartitionID: 'guests', name: 'visitors' })).body.location;
    await s.call('POST', '/users', { userPartitionID: 'guests', name: 'eva', location: ou });
    const listed = await s.call('GET', `/users?where_location=${encodeURIComponent(ou)}`);
    expect(listed.body.users.map((u) => u.id)).toEqual(['eva@guests']);
    const resource = await s.call('POST', '/resources', {
      resourceName: 'Portal 2',
      displayName: 'P',
      allowImpersonation: true,
    });
    expect(resource.body).toMatchObject({
      id: 'Portal 2',
      resourceDN: expect.stringContaining('oTResource='),
      accessRoleList: [{ name: 'Access to Portal 2' }],
    });
    expect((await s.call('GET', `/users/${resource.body.resourceID}@otds.admin`)).status).toBe(200);
    expect((await s.call('GET', '/roles?where_filter=none')).body.roles).toEqual([]);
    const { location } = (await s.call('GET', '/roles?where_filter=Portal%20Reviewer')).body.roles[0] ?? {
      location: '',
    };
    await s.call('POST', '/users/eva@guests/roles', { stringList: [location] });
    expect((await s.call('GET', '/users/eva@guests/roles')).body.roles.map((r) => r.name)).toEqual(['Portal Reviewer']);
    await s.call('POST', `/roles/${encodeURIComponent(location)}/members/deletionset`, { stringList: ['eva@guests'] });
    expect((await s.call('GET', `/roles/${location}/users`)).body.users).toEqual([]);
  });
});
