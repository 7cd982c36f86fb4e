import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { CLIENT, list, names, part, seg, startRecorder, str } from './covers/recorder.ts';
import type { Body, Recorder } from './covers/recorder.ts';

/** The SCIM push, from one stand-in to the SCIM server of another: both sides are seen. */
let from: Recorder;
let to: Recorder;
/** Where the two ledgers stood before the test. */
let begun: [number, number] = [0, 0];
beforeAll(async () => {
  from = await startRecorder();
  to = await startRecorder();
});
beforeEach(async () => {
  await from.reset();
  await to.reset();
  begun = [(await from.entries()).length, (await to.entries()).length];
});
afterAll(() => Promise.all([from.standIn.close(), to.standIn.close()]));

const ROLE = `/accessroles/${seg('Access to Downstream')}`;
const AURORA = 'Project Aurora@staff';

async function resource(more: object = {}): Promise<Body> {
  const parameters = {
    baseURL: `${to.standIn.url}/otdsws/scim/partners`,
    oauthTokenURL: `${to.standIn.url}/otdsws/oauth2/token`,
    clientID: CLIENT.client_id,
    clientSecret: CLIENT.client_secret,
  };
  const connectionParamInfo = Object.entries(parameters).map(([name, value]) => ({ name, value }));
  return from.done('POST', '/resources', {
    resourceName: 'Downstream',
    connectorid: 'SCIM',
    connectionParamInfo,
    ...more,
  });
}

const admit = (body: object) => from.done('POST', `${ROLE}/members`, body, 204);
const user = (name: string) => ({ users: [{ name, location: '' }] });
const group = (name: string) => ({ groups: [{ name, location: '' }] });

const settled = () => from.settled();

/** Waits until the first in the queue could not be sent, and why. */
const stuck = (why: string) =>
  from.until('/state/push-queue', (queue) => String(part(Object.values(queue)[0])['error']).includes(why));

async function arrived(name: string): Promise<Body | null> {
  const { users } = await to.get(`/users?where_partition_name=partners&where_filter=${seg(name)}&attrsAsKeys=true`);
  return list(users).find((one) => one['name'] === name) ?? null;
}

async function disabled(name: string): Promise<unknown> {
  return part((await arrived(name))?.['attributes'])['accountDisabled'];
}

async function pushes(): Promise<string[]> {
  const entries = await from.entries(begun[0]);
  return entries
    .flatMap((e) => e.writes)
    .filter((w) => w.object === 'push')
    .map((w) => w.id);
}

test('who enters an access role arrives with its attributes, and a change follows', async () => {
  await resource();
  await admit(user('ada.byrne@staff'));
  await settled();
  const there = await arrived('ada.byrne');
  const here = await from.get('/users/ada.byrne@staff');
  expect(there).toMatchObject({ originUUID: here['uuid'], attributes: { mail: ['ada.byrne@northwind.example'] } });
  const { resourceID } = await from.get('/resources/Downstream');
  expect(JSON.stringify(await from.get('/users/ada.byrne@staff'))).toContain(
    `${str(resourceID)}:${str(there?.['uuid'])}`,
  );
  await from.done('PATCH', '/users/ada.byrne@staff', {
    values: [
      { name: 'title', values: ['Chief'] },
      { name: 'oTDepartment', values: ['Sound'] },
      { name: 'mail', values: [] },
    ],
  });
  await settled();
  const now = part((await arrived('ada.byrne'))?.['attributes']);
  expect([now['title'], now['oTDepartment'], now['mail']]).toEqual([['Chief'], ['Sound'], undefined]);
  const { messages } = await from.control('GET', '/outbox');
  expect(list(messages).map((m) => m['method'])).toEqual(['GET', 'POST', 'PATCH']);
});

test('a group arrives with its members, and follows when somebody joins or leaves it', async () => {
  await resource();
  await admit(group(AURORA));
  await settled();
  // Two people of two partitions have one login: at a receiver that knows logins only they are one.
  const once = (users: Body) => [...new Set(names(users['users']))].sort();
  const members = async () => once(await to.get('/groups/Project%20Aurora@partners/users'));
  const here = once(await from.get(`/groups/${seg(AURORA)}/users`));
  expect(await members()).toEqual(here);
  await from.done('POST', `/groups/${seg(AURORA)}/members`, { stringList: ['break-glass@otds.admin'] }, 204);
  await settled();
  expect(await members()).toContain('break-glass');
  await from.done(
    'POST',
    `/groups/${seg(AURORA)}/members/deletionset`,
    { stringList: ['break-glass@otds.admin'] },
    204,
  );
  await settled();
  expect([await members(), await disabled('break-glass')]).toEqual([here, ['true']]);
});

async function leave(name: string): Promise<void> {
  const whole = await from.get(ROLE);
  const users = list(part(whole['accessRoleMembers'])['users']).filter((m) => m['name'] !== name);
  await from.done('PUT', ROLE, { ...whole, accessRoleMembers: { ...part(whole['accessRoleMembers']), users } }, 204);
  await settled();
}

test('who leaves is deactivated, deleted only where deletes are allowed, and nothing where nothing is', async () => {
  const made = await resource();
  for (const name of ['ada.byrne', 'ben.otto', 'kofi.mensah']) await admit(user(`${name}@staff`));
  await settled();
  await leave('ada.byrne@staff');
  expect(await disabled('ada.byrne')).toEqual(['true']);
  const allow = (flags: object) => from.done('PUT', '/resources/Downstream', { ...made, ...flags });
  await allow({ pcDeletePermissionAllowed: 'True' });
  await leave('ben.otto@staff');
  expect(await arrived('ben.otto')).toBeNull();
  await allow({
    pcCreatePermissionAllowed: 'false',
    pcModifyPermissionAllowed: 'false',
    pcDeletePermissionAllowed: 'false',
  });
  await admit(user('tom.weber@staff'));
  await leave('kofi.mensah@staff');
  expect([await arrived('tom.weber'), await disabled('kofi.mensah')]).toEqual([null, ['false']]);
});

test('by PUT, when chosen: the same comes of it', async () => {
  await from.choose('SCIM_PUSH', 'put');
  await resource();
  await admit(user('ada.byrne@staff'));
  await settled();
  await from.done('PATCH', '/users/ada.byrne@staff', { values: [{ name: 'title', values: ['Chief'] }] });
  await settled();
  await leave('ada.byrne@staff');
  expect((await arrived('ada.byrne'))?.['attributes']).toMatchObject({ title: ['Chief'], accountDisabled: ['true'] });
  const methods = (await to.entries(begun[1])).filter((e) => e.path.includes('/scim/')).map((e) => e.method);
  expect(methods.filter((m) => m === 'PATCH')).toEqual([]);
  await from.choose('SCIM_PUSH', 'patch');
});

test('an object that is there already is adopted, not doubled; one that was deleted there is made again', async () => {
  await to.done('POST', '/users', { userPartitionID: 'partners', name: 'ada.byrne', description: 'older' });
  await resource();
  await admit(user('ada.byrne@staff'));
  await settled();
  expect((await arrived('ada.byrne'))?.['description']).toBe('older');
  await to.done('DELETE', '/users/ada.byrne@partners', undefined, 204);
  await from.done('PATCH', '/users/ada.byrne@staff', { description: 'again' });
  await settled();
  expect(await arrived('ada.byrne')).not.toBeNull();
});

test('a receiver that is down is tried again; a lost push is healed by a consolidation', async () => {
  const { resourceDN } = await resource();
  await from.plan({ kind: 'special', name: 'receiverDown' });
  await admit(user('ada.byrne@staff'));
  await stuck('down on purpose');
  await from.control('POST', '/clock', { advance: 5 });
  await settled();
  expect(await arrived('ada.byrne')).not.toBeNull();
  await from.logIn();
  await from.plan({ kind: 'special', name: 'pushLost' });
  await admit(user('ben.otto@staff'));
  await settled();
  expect(await arrived('ben.otto')).toBeNull();
  await from.done('POST', '/consolidation', { objectToConsolidate: resourceDN, resourceList: [resourceDN] }, 204);
  await settled();
  expect(await arrived('ben.otto')).not.toBeNull();
});

test('a receiver in trouble (503, then 401) is asked again with a new token', async () => {
  await resource();
  await to.plan({ kind: 'status', status: 503 }, { path: '*/scim/*' });
  await admit(user('ada.byrne@staff'));
  await stuck('503');
  await to.act('expireTickets');
  await from.control('POST', '/clock', { advance: 5 });
  await settled();
  await to.logIn();
  expect(await arrived('ada.byrne')).not.toBeNull();
});

test('pushes doubled and out of order lead to the same end', async () => {
  await resource();
  await from.plan({ kind: 'special', name: 'pushDoubled' });
  await from.plan({ kind: 'special', name: 'pushReordered' });
  await admit({ ...user('kofi.mensah@staff'), ...group(AURORA) });
  await settled();
  const { users } = await to.get('/users?where_partition_name=partners&where_filter=kofi.mensah');
  expect(names(users)).toEqual(['kofi.mensah']);
  expect((await pushes())[0]).toBe(`Downstream/${AURORA}`);
});

test('with pushAllGroups the groups of those who are pushed come along', async () => {
  await resource();
  await from.done('PUT', `${ROLE}/attributes`, { attributes: [{ name: 'pushAllGroups', values: ['True'] }] }, 204);
  await admit(user('ada.byrne@staff'));
  await settled();
  const mine = names((await from.get('/users/ada.byrne@staff/memberof'))['groups']).sort();
  const there = names((await to.get('/groups?where_partition_name=partners'))['groups']);
  expect(mine.filter((name) => there.includes(name))).toEqual(mine);
  const [group = ''] = mine;
  await from.done('POST', `/groups/${seg(`${group}@staff`)}/members`, { stringList: ['kofi.mensah@staff'] }, 204);
  await settled();
  const inside = async () => names((await to.get(`/groups/${seg(`${group}@partners`)}/users`))['users']);
  expect(await inside()).not.toContain('kofi.mensah'); // not admitted yet
  await admit(user('kofi.mensah@staff'));
  await settled();
  expect(await inside()).toContain('kofi.mensah');
});

test('the secret shows nowhere but in the state, and survives a PUT of the whole', async () => {
  const made = await resource();
  expect(JSON.stringify(made)).not.toContain(CLIENT.client_secret);
  await from.done('PUT', '/resources/Downstream', made);
  await admit(user('ada.byrne@staff'));
  await settled();
  expect(await arrived('ada.byrne')).not.toBeNull();
  expect(JSON.stringify(await from.entries())).not.toContain(CLIENT.client_secret);
});

test('a receiver elsewhere is never called: what would have left is in the outbox', async () => {
  const connectionParamInfo = [{ name: 'baseURL', value: 'https://scim.example/v2' }];
  await resource({ connectionParamInfo });
  await admit(user('ada.byrne@staff'));
  await settled();
  const { messages } = await from.control('GET', '/outbox?to=https://scim.example/v2');
  expect(list(messages)).toMatchObject([{ kind: 'scim', method: 'POST', path: '/Users', status: 0 }]);
});

test('a reset forgets the queue', async () => {
  await from.choose('PUSH_DELAY_MS', 60_000);
  await resource();
  await admit(user('ada.byrne@staff'));
  expect(Object.keys(await from.control('GET', '/state/push-queue'))).toHaveLength(1);
  await from.reset();
  expect(await from.control('GET', '/state/push-queue')).toEqual({});
});

test('reads of the past in the middle of a push neither repeat nor lose it', async () => {
  await from.choose('PUSH_DELAY_MS', 0);
  await resource();
  await to.plan({ kind: 'delay', ms: 100 }, { path: '*/scim/*' }, 4);
  await from.plan({ kind: 'stale', ms: 60_000 }, { path: '*/currentuser' }, 20);
  await admit({ users: ['ada.byrne', 'ben.otto'].map((name) => ({ name: `${name}@staff`, location: '' })) });
  await from.until('/state/push-queue', (queue) => Object.values(queue).some((job) => part(job)['started'] === true));
  for (let i = 0; i < 20; i++) {
    await from.get('/currentuser');
    await from.done('PATCH', '/oauthclients/tenure', {});
  }
  await settled();
  const made = (await to.entries(begun[1])).filter((e) => e.method === 'POST' && e.path.endsWith('/Users'));
  expect(made.map((e) => e.status)).toEqual([201, 201]);
  expect([(await arrived('ada.byrne')) === null, (await arrived('ben.otto')) === null]).toEqual([false, false]);
});
