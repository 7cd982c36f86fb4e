import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { OWNER } from './seed.ts';
import type { Answer, Trial } from './trial.ts';
import { startTrial } from './trial.ts';
import { abandoned } from '../common/abandoned.ts';

/** Every fault of the control address on each route group. */
let iconik: Trial;
beforeAll(async () => {
  iconik = await startTrial();
});
afterEach(() => iconik.control('POST', '/reset'));
afterAll(() => iconik.close());

type Group = { name: string; read: string; method: string; path: string; body: object };

/** One read and one write of each route group; the write makes something that the read then shows. */
async function groups(): Promise<Record<string, Omit<Group, 'name'>>> {
  const root = await iconik.root('Legal');
  const [legal, ben] = [await iconik.team('Legal'), await iconik.user('ben.otto@northwind.example')];
  const acl = `acls/v1/acl/collections/${root.id}/`;
  const grant = { object_keys: [root.id], group_ids: [legal.id], permissions: ['delete'] };
  const allow = { allow_download: true, allow_comments: true };
  const share = { ...allow, allow_approving_comments: true, allow_setting_approve_status: true, title: 'mark' };
  const [shares, post] = [`assets/v1/collections/${root.id}/shares/`, 'POST'];
  const [project] = [(await iconik.owner('POST', 'assets/v1/projects/', { name: 'P' })).body];
  const members = `assets/v1/projects/${project.id}/members/`;
  const add = (path: string, body: object): Omit<Group, 'name'> => ({ read: path, method: post, path, body });
  return {
    tokens: { ...add('auth/v1/auth/token/', {}), read: 'auth/v1/auth/tokens/?per_page=1000' },
    applications: add('auth/v1/apps/', { name: 'mark' }),
    users: {
      ...add('users/v1/users/', { email: 'mark@x.example', first_name: 'M', type: 'STANDARD' }),
      read: 'users/v1/users/?query=mark@',
    },
    groups: { ...add('users/v1/groups/', { name: 'mark' }), read: 'users/v1/groups/?name=mark' },
    teams: { ...add('users/v1/teams/', { name: 'mark' }), read: 'users/v1/teams/?name=mark' },
    'role groups': { ...add('users/v1/role_groups/', { name: 'mark' }), read: 'users/v1/role_groups/?name=mark' },
    members: {
      read: `users/v1/users/${ben.id}/`,
      method: post,
      path: `users/v1/teams/${legal.id}/users/${ben.id}/`,
      body: {},
    },
    mappings: add('users/v1/groups/mappings/', { name: 'mark', group_id: legal.id }),
    settings: {
      read: 'settings/v1/system/current/',
      method: 'PATCH',
      path: 'settings/v1/system/current/',
      body: { default_upload_storage_id: 'mark' },
    },
    'ACL lists': { read: acl, method: 'PUT', path: 'acls/v1/acl/collections/', body: grant },
    'propagating ACLs': {
      read: acl,
      method: 'PUT',
      path: 'acls/v1/acl/_propagating_collections/',
      body: { ...grant, user_ids: [ben.id], group_ids: [] },
    },
    'ACL rows': {
      read: acl,
      method: 'PUT',
      path: `acls/v1/users/${ben.id}/acl/collections/${root.id}/`,
      body: { permissions: ['read'] },
    },
    templates: add('acls/v1/acl/templates/', { name: 'mark' }),
    collections: { ...add('assets/v1/collections/', { title: 'mark' }), read: 'assets/v1/collections/?per_page=500' },
    projects: add('assets/v1/projects/', { name: 'mark' }),
    'project members': add(members, { id: ben.id }),
    shares: { ...add(`${shares}url/`, share), read: shares },
    'log recipients': add('stats/v1/system/logs/recipients/', { name: 'mark', method: 'GOOGLE', settings: {} }),
    'identity providers': add('auth/v1/auth/saml/idp/', { type: 'GENERIC', settings: { name: 'mark' } }),
    webhooks: add('notifications/v1/webhooks/', {
      event_type: 'assets',
      status: 'ENABLED',
      url: 'https://mark.example',
    }),
  };
}

const NAMES = [
  ...['tokens', 'applications', 'users', 'groups', 'teams', 'role groups', 'members', 'mappings', 'settings'],
  ...['ACL lists', 'propagating ACLs', 'ACL rows', 'templates', 'collections', 'projects', 'project members', 'shares'],
  ...['log recipients', 'identity providers', 'webhooks'],
];

/** The text of a list or object, without what says when or how many. */
const seen = (answer: Answer): string =>
  answer.text.replace(/"(total|pages|date_\w+|last_url)":("[^"]*"|\d+|null)/g, '').replace(/"last_\w+":"[^"]*"/g, '');

describe.each(NAMES)('faults on %s', (name) => {
  let group: Omit<Group, 'name'>;
  let before: string;
  const plan = (fault: object, match: object = { method: group.method }) =>
    iconik.control('POST', '/faults', { match, times: 1, fault });
  const write = () => iconik.owner(group.method, group.path, group.body);
  const changed = async (): Promise<boolean> => seen(await iconik.owner('GET', group.read)) !== before;
  const prepare = async (): Promise<void> => {
    const found = (await groups())[name];
    if (!found) throw new Error(`No route group ${name}.`);
    group = found;
    before = seen(await iconik.owner('GET', group.read));
  };

  test('status, html, reset and hang do nothing; the next call works', async () => {
    await prepare();
    for (const status of [401, 403, 404, 409, 429, 500, 503]) {
      await plan({ kind: 'status', status, headers: { 'retry-after': '1' } });
      const answer = await write();
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, '1']);
      expect(answer.body.errors).toHaveLength(1);
    }
    await plan({ kind: 'html' });
    const page = await fetch(`${iconik.url}/API/${group.path}`, { method: group.method });
    expect(await page.text()).toContain('<!DOCTYPE html>');
    await plan({ kind: 'reset' });
    await expect(write()).rejects.toThrow();
    await plan({ kind: 'hang' });
    const url = `${iconik.url}/API/${group.path}`;
    const ended = await abandoned(iconik.controlUrl, (signal) => fetch(url, { method: group.method, signal }));
    expect(ended).toMatchObject({ name: 'AbortError' });
    expect(await changed()).toBe(false);
    expect((await write()).status).toBeLessThan(300);
    expect(await changed()).toBe(true);
  });

  test('lostReply and truncate do it; delay is late; stale reads are of the past', async () => {
    await prepare();
    await iconik.control('POST', '/clock', { advance: 10 });
    await plan({ kind: 'lostReply' });
    await expect(write()).rejects.toThrow();
    const entry = await iconik.lastEntry();
    expect(entry).toMatchObject({ replied: false, fault: { kind: 'lostReply' } });
    expect(entry.writes.length).toBeGreaterThan(0);
    expect(await changed()).toBe(true);
    await plan({ kind: 'stale', ms: 5000 }, { method: 'GET' });
    // Tokens and applications are always of the present: else the call itself would be refused.
    expect(await changed()).toBe(name === 'tokens' || name === 'applications');
    await plan({ kind: 'truncate', bytes: 3 }, { method: 'GET' });
    await expect(changed()).rejects.toThrow();
    await plan({ kind: 'delay', ms: 5 }, { method: 'GET' });
    expect(await changed()).toBe(true);
  });

  test('a fault matches a caller, a path and the nth call', async () => {
    await prepare();
    const as = await iconik.credentialsOf('dmitri.volkov@northwind.example');
    const match = { caller: 'omar.haddad@northwind.example', path: `/API/${group.path}` };
    await iconik.control('POST', '/faults', { match, skip: 1, times: 1, fault: { kind: 'status', status: 418 } });
    expect((await iconik.api(group.method, group.path, { as, body: group.body })).status).not.toBe(418);
    const statuses = [];
    for (let i = 0; i < 3; i++)
      statuses.push((await iconik.api(group.method, group.path, { as: OWNER })).status === 418);
    expect(statuses).toEqual([false, true, false]);
  });
});
