import { expect } from '@jest/globals';
import { attribute, fresh, good, has, list, newUser, part, seg, str } from './recorder.ts';
import type { Body, Checks, Recorder } from './recorder.ts';

const BASE = '/otdsws/scim/staff';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

async function scim(t: Recorder, method: string, path: string, body?: unknown, status = 200): Promise<Body> {
  return good(await t.send(method, `${BASE}${path}`, body === undefined ? {} : { body }), status).body;
}

async function refused(t: Recorder, status: number, method: string, path: string, body?: unknown): Promise<void> {
  const reply = await scim(t, method, path, body, status);
  expect(reply).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status) });
}

const patch = (...Operations: object[]) => ({ schemas: [PATCH], Operations });

async function user(t: Recorder): Promise<Body> {
  return scim(
    t,
    'POST',
    '/Users',
    { userName: fresh('scimmed'), active: true, emails: [{ value: 'a@x.example' }] },
    201,
  );
}

async function group(t: Recorder, ...members: Body[]): Promise<Body> {
  const body = { displayName: fresh('crew'), members: members.map((m) => ({ value: m['id'] })) };
  return scim(t, 'POST', '/Groups', body, 201);
}

/** The same object by the REST interface. */
async function rest(t: Recorder, kind: 'users' | 'groups', one: Body): Promise<Body> {
  return t.get(`/${kind}/${seg(`${str(one['userName'] ?? one['displayName'])}@staff`)}`);
}

const path = (kind: string, one: Body): string => `/${kind}/${str(one['id'])}`;

export const SCIM_CHECKS: Checks = {
  'GET /otdsws/scim/{partition}/ServiceProviderConfig': async (t) => {
    const body = await scim(t, 'GET', '/ServiceProviderConfig');
    expect(body).toMatchObject({ patch: { supported: true }, bulk: { supported: false }, filter: { supported: true } });
    await t.choose('SCIM_SERVER', 'bare');
    await refused(t, 404, 'GET', '/ServiceProviderConfig');
    await t.choose('SCIM_SERVER', 'discovery');
  },
  'GET /otdsws/scim/{partition}/ResourceTypes': async (t) => {
    const types = list((await scim(t, 'GET', '/ResourceTypes'))['Resources']);
    expect(types.map((one) => one['endpoint'])).toEqual(['/Users', '/Groups']);
  },
  'GET /otdsws/scim/{partition}/Schemas': async (t) => {
    const schemas = list((await scim(t, 'GET', '/Schemas'))['Resources']);
    expect(schemas.map((one) => one['name'])).toEqual(['User', 'EnterpriseUser', 'Group']);
  },
  'GET /otdsws/scim/{partition}/Users': async (t) => {
    const made = await user(t);
    const filter = seg(`userName eq "${str(made['userName']).toUpperCase()}"`);
    const found = await scim(t, 'GET', `/Users?filter=${filter}`);
    expect(found).toMatchObject({ totalResults: 1, startIndex: 1, Resources: [{ id: made['id'] }] });
    const page = await scim(t, 'GET', '/Users?startIndex=3&count=2');
    expect([list(page['Resources']).length, page['startIndex']]).toEqual([2, 3]);
    await refused(t, 400, 'GET', `/Users?filter=${seg('userName sw "a"')}`);
  },
  'POST /otdsws/scim/{partition}/Users': async (t) => {
    const body = {
      userName: fresh('scimmed'),
      externalId: 'ext-1',
      displayName: 'New Person',
      title: 'Cutter',
      preferredLanguage: 'en',
      name: { givenName: 'New', familyName: 'Person' },
      emails: [{ type: 'work', value: 'new@x.example' }],
      phoneNumbers: [{ type: 'mobile', value: '+49 1' }],
      addresses: [{ type: 'work', locality: 'Berlin', country: 'DE' }],
      [ENTERPRISE]: { department: 'Post', employeeNumber: '7', manager: { value: 'ada.byrne@staff' } },
    };
    const made = await scim(t, 'POST', '/Users', body, 201);
    expect(made).toMatchObject({ userName: body.userName, externalId: 'ext-1', active: true });
    has(made, 'id', 'meta', 'schemas');
    const stored = await rest(t, 'users', made);
    expect(stored).toMatchObject({ uuid: made['id'], originUUID: 'ext-1' });
    expect(['mail', 'sn', 'oTDepartment', 'oTMobile', 'l'].map((name) => attribute(stored, name))).toEqual([
      ['new@x.example'],
      ['Person'],
      ['Post'],
      ['+49 1'],
      ['Berlin'],
    ]);
    await refused(t, 409, 'POST', '/Users', body);
    await refused(t, 400, 'POST', '/Users', {});
  },
  'GET /otdsws/scim/{partition}/Users/{id}': async (t) => {
    const made = await user(t);
    expect(await scim(t, 'GET', path('Users', made))).toEqual(made);
    await refused(t, 404, 'GET', '/Users/none');
  },
  'PUT /otdsws/scim/{partition}/Users/{id}': async (t) => {
    const made = await user(t);
    await scim(t, 'PUT', path('Users', made), { ...made, title: 'Producer', emails: [] });
    const stored = await rest(t, 'users', made);
    expect([attribute(stored, 'title'), attribute(stored, 'mail')]).toEqual([['Producer'], null]);
    await refused(t, 404, 'PUT', '/Users/none', { userName: 'x' });
  },
  'PATCH /otdsws/scim/{partition}/Users/{id}': async (t) => {
    const made = await user(t);
    const operations = patch(
      { op: 'Replace', path: 'active', value: 'False' }, // as Entra sends it
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'b@x.example' },
      { op: 'add', path: 'name.givenName', value: 'Given' },
      { op: 'add', path: `${ENTERPRISE}:department`, value: 'Sound' },
      { op: 'add', path: 'phoneNumbers[type eq "work"].value', value: '+1' },
    );
    await scim(t, 'PATCH', path('Users', made), operations);
    const stored = await rest(t, 'users', made);
    const held = ['accountDisabled', 'mail', 'givenName', 'oTDepartment', 'oTTelephoneNumber'];
    expect(held.map((name) => attribute(stored, name))).toEqual([
      ['true'],
      ['b@x.example'],
      ['Given'],
      ['Sound'],
      ['+1'],
    ]);
    await refused(t, 400, 'PATCH', path('Users', made), patch({ op: 'dance' }));
    await refused(t, 404, 'PATCH', '/Users/none', patch({ op: 'remove', path: 'title' }));
  },
  'DELETE /otdsws/scim/{partition}/Users/{id}': async (t) => {
    const made = await user(t);
    await scim(t, 'DELETE', path('Users', made), undefined, 204);
    await t.refused(404, 'GET', `/users/${str(made['userName'])}@staff`);
    await refused(t, 404, 'DELETE', path('Users', made));
  },
  'GET /otdsws/scim/{partition}/Groups': async (t) => {
    const made = await group(t, await user(t));
    const filter = seg(`displayName eq "${str(made['displayName'])}"`);
    const found = await scim(t, 'GET', `/Groups?filter=${filter}&excludedAttributes=members`);
    expect(found).toMatchObject({ totalResults: 1, Resources: [{ id: made['id'] }] });
    expect(list(found['Resources'])[0]).not.toHaveProperty('members');
  },
  'POST /otdsws/scim/{partition}/Groups': async (t) => {
    const member = await user(t);
    const made = await group(t, member);
    expect(list(made['members'])[0]?.['value']).toBe(member['id']);
    expect(await rest(t, 'groups', made)).toMatchObject({ uuid: made['id'], numMembers: 1 });
    await refused(t, 409, 'POST', '/Groups', { displayName: made['displayName'] });
    await refused(t, 400, 'POST', '/Groups', { displayName: fresh('crew'), members: [{ value: 'none' }] });
  },
  'GET /otdsws/scim/{partition}/Groups/{id}': async (t) => {
    const made = await group(t, await user(t));
    expect(await scim(t, 'GET', path('Groups', made))).toEqual(made);
    await refused(t, 404, 'GET', '/Groups/none');
  },
  'PUT /otdsws/scim/{partition}/Groups/{id}': async (t) => {
    const made = await group(t, await user(t));
    const other = str((await newUser(t))['uuid']);
    await scim(t, 'PUT', path('Groups', made), { displayName: made['displayName'], members: [{ value: other }] });
    const { users } = await t.get(`/groups/${seg(`${str(made['displayName'])}@staff`)}/members`);
    expect(list(users).map((one) => one['uuid'])).toEqual([other]);
  },
  'PATCH /otdsws/scim/{partition}/Groups/{id}': async (t) => {
    const [one, two] = [await user(t), await user(t)];
    const made = await group(t, one);
    await scim(t, 'PATCH', path('Groups', made), patch({ op: 'add', path: 'members', value: [{ value: two['id'] }] }));
    expect((await rest(t, 'groups', made))['numMembers']).toBe(2);
    const leave = { op: 'remove', path: `members[value eq "${str(one['id'])}"]` };
    const now = await scim(t, 'PATCH', path('Groups', made), patch(leave));
    expect(list(now['members']).map((m) => m['value'])).toEqual([two['id']]);
    await refused(t, 404, 'PATCH', '/Groups/none', patch(leave));
  },
  'DELETE /otdsws/scim/{partition}/Groups/{id}': async (t) => {
    const made = await group(t);
    await scim(t, 'DELETE', path('Groups', made), undefined, 204);
    await refused(t, 404, 'GET', path('Groups', made));
    await refused(t, 404, 'DELETE', path('Groups', made));
    expect(part(await t.control('GET', '/state/groups'))[str(made['id'])]).toBeUndefined();
  },
};
