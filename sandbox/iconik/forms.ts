import { expect } from '@jest/globals';
import { NOBODY, fresh } from './covers/recorder.ts';
import type { Credentials } from './seed.ts';
import { OWNER } from './seed.ts';
import type { Row } from './strict.ts';
import { ROWS, plainName } from './strict.ts';
import type { Answer, Body, Trial } from './trial.ts';

/** For tests: requests generated from the contract's own request forms, that is from the rows of coverage.json. */

/** One thing of each kind that a path or a body can name. */
export type World = Record<string, string>;

/** Makes a world by plain requests of the domain owner. */
export async function makeWorld(t: Trial): Promise<World> {
  const make = async (path: string, body: object): Promise<Body> => {
    const answer = await t.owner('POST', path, body);
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  const user = (await make('users/v1/users/', { email: email('user'), first_name: 'U', type: 'STANDARD' })).id;
  const team = (await make('users/v1/teams/', { name: fresh('Team') })).id;
  const roleGroup = (await make('users/v1/role_groups/', { name: fresh('Role group') })).id;
  const group = (await make('users/v1/groups/', { name: fresh('Group') })).id;
  for (const path of [`groups/${group}`, `teams/${team}`, `role_groups/${roleGroup}`]) {
    await make(`users/v1/${path}/users/${user}/`, {});
  }
  const claim = fresh('claim');
  await make('users/v1/groups/mappings/', { name: claim, group_id: team });
  const collection = (await make('assets/v1/collections/', { title: fresh('Collection') })).id;
  const child = (await make('assets/v1/collections/', { title: fresh('Child'), parent_id: collection })).id;
  const project = (await make('assets/v1/projects/', { name: fresh('Project') })).id;
  await make(`assets/v1/projects/${project}/members/`, { id: user });
  const allow = { allow_download: true, allow_comments: true, allow_approving_comments: true };
  const all = { ...allow, allow_setting_approve_status: true, emails: ['guest@festival.example'] };
  const share = (await make(`assets/v1/collections/${collection}/shares/`, all)).id;
  const guest = (await make(`assets/v1/collections/${collection}/shares/${share}/users/`, { email: email('guest') }))
    .id;
  const permissions = { permissions: ['read'] };
  for (const grantee of [`users/${user}`, `groups/${team}`]) {
    await t.owner('PUT', `acls/v1/${grantee}/acl/collections/${collection}/`, permissions);
  }
  await make(`acls/v1/shares/${share}/acl/collections/${collection}/`, permissions);
  const app = (await make('auth/v1/apps/', { name: fresh('App') })).id;
  const idp = (await make('auth/v1/auth/saml/idp/', { type: 'GENERIC', settings: {} })).id;
  const me = (await t.owner('GET', 'users/v1/users/current/')).body as Body & { system_domain_id: string };
  const domain = me.system_domain_id;
  const mail = `${fresh('mail')}.example`;
  const map = { domain: mail, identity_provider_id: idp, system_domain_id: domain };
  await make('auth/v1/auth/saml/domains/', map);
  const token = (await make('auth/v1/auth/token/', {})).id;
  const template = (await make('acls/v1/acl/templates/', { name: fresh('Template') })).id;
  const recipient = (await make('stats/v1/system/logs/recipients/', { name: 'L', method: 'GOOGLE', settings: {} })).id;
  const hook = { event_type: 'assets', status: 'ENABLED', url: 'https://hooks.example/' };
  const webhook = (await make('notifications/v1/webhooks/', hook)).id;
  const asset = (await t.act('upload', { as: me.email, collection, title: fresh('Asset') })).id ?? '';
  const invite = (await make('users/v1/users/invite/token/request/', { primary_group: team })) as Body & Invite;
  const { messages } = await t.control<{ messages: { kind: string; hash: string }[] }>('GET', '/outbox');
  const hash = messages.find((one) => one.kind === 'invitation')?.hash ?? '';
  const people = { user, team, roleGroup, group, claim, token, app, idp, domain, mail, hash };
  const things = { collection, child, project, share, guest, template, recipient, webhook, asset };
  return { ...people, ...things, invite: invite.invite_link.split('/').at(-1) ?? '' };
}

type Invite = { invite_link: string };
const email = (name: string): string => `${fresh(name)}@northwind.example`;

/** What stands in the place of each parameter; the first path that fits counts. */
const PLACES: [RegExp, string][] = [
  [/users\/v1\/users\/\{id\}|\{uid\}|\{member\}|acls\/v1\/users\/\{id\}/, 'user'],
  [/users\/v1\/groups\/\{id\}/, 'group'],
  [/users\/v1\/teams\/\{id\}|settings\/v1\/(?:group|team)\/\{id\}|acls\/v1\/groups\/\{id\}/, 'team'],
  [/users\/v1\/role_groups\/\{id\}/, 'roleGroup'],
  [/mappings\/\{name\}/, 'claim'],
  [/auth\/token\/\{id\}/, 'token'],
  [/auth\/\{app\}|apps\/\{id\}/, 'app'],
  [/saml\/idp\/\{id\}/, 'idp'],
  [/\{domain\}/, 'mail'],
  [/\{hash\}/, 'hash'],
  [/system_domains\/\{id\}/, 'domain'],
  [/\{tid\}/, 'template'],
  [/\{key\}|\{oid\}(?=\/shares)|collections\/\{id\}(?!\/purge)/, 'collection'],
  [/contents\/\{type\}\/\{oid\}|collections\/\{id\}\/purge/, 'child'],
  [/projects\/\{id\}/, 'project'],
  [/\{sid\}|acls\/v1\/shares\/\{id\}/, 'share'],
  [/\{suid\}/, 'guest'],
  [/assets\/\{id\}\/history/, 'asset'],
  [/recipients\/\{id\}/, 'recipient'],
  [/webhooks\/\{id\}/, 'webhook'],
];
const WORDS: Record<string, string> = {
  '{type}': 'collections',
  '{o}': 'collections',
  '{permission}': 'read',
  '{period}': 'day',
  '{role}': 'can_read_collections',
};

/** The path of a row in that world. */
export function pathOf(row: Row, world: World): string {
  let path = row.path;
  for (const [place, name] of PLACES) {
    const found = place.exec(path);
    // The parameter that the rule is about is the last one of what it matched.
    if (found) path = path.replace(found[0], found[0].replace(/\{\w+\}(?!.*\{)/, world[name] ?? ''));
  }
  return path.replace(/\{\w+\}/g, (parameter) => WORDS[parameter] ?? NOBODY);
}

/** The same with its last identifier naming nothing. */
export function nowhere(row: Row, world: World): string {
  const [last = ''] = (row.path.match(/\{\w+\}/g) ?? []).filter((parameter) => !WORDS[parameter]).slice(-1);
  const at = row.path.lastIndexOf(last);
  return pathOf({ ...row, path: row.path.slice(0, at) + NOBODY + row.path.slice(at + last.length) }, world);
}

/** Values by the name of a field, where the mark alone is not enough; a row may need its own. */
function named(row: Row, world: World): Record<string, unknown> {
  const isProvider = row.path.includes('/saml/idp/');
  return {
    email: row.path.endsWith('/forgot/') ? 'ben.otto@northwind.example' : email('any'),
    emails: ['guest@festival.example'],
    // The owner asks for `current`, and owners are POWER users.
    type: isProvider ? 'GENERIC' : 'POWER',
    permissions: ['read'],
    object_keys: [world['collection']],
    objects: [{ object_keys: [world['collection']], object_type: 'collections', permissions: ['read'] }],
    share_ids: [world['share']],
    id: world['user'],
    object_id: world['asset'],
    object_type: 'assets',
    group_id: world['team'],
    primary_group: world['team'],
    identity_provider_id: world['idp'],
    system_domain_id: world['domain'],
    domain: `${fresh('other')}.example`,
    token: world['invite'],
    status: 'ENABLED',
    url: 'https://hooks.example/',
    method: 'GOOGLE',
  };
}

/** Fields with their marks, without those that iconik fills in itself. */
export function fieldsOf(row: Row): string[] {
  return (row.body ?? []).filter((field) => !field.endsWith('!'));
}

export const required = (row: Row): string[] =>
  fieldsOf(row)
    .filter((field) => field.endsWith('*'))
    .map(plainName);

/** The smallest body that the contract allows; undefined where a route takes none. */
export function smallest(row: Row, world: World): Record<string, unknown> | undefined {
  if (!row.body) return undefined;
  const values = named(row, world);
  const entries = fieldsOf(row)
    .filter((field) => field.endsWith('*'))
    .map((field): [string, unknown] => [plainName(field), values[plainName(field)] ?? plain(field)]);
  const bulk = row.path.endsWith('/bulk/') && row.body.some((field) => field.startsWith('objects'));
  return bulk
    ? { objects: [{ object_keys: [world['collection']], permissions: ['read'] }] }
    : Object.fromEntries(entries);
}

function plain(field: string): unknown {
  if (field.includes('[]')) return [];
  if (field.includes('{}')) return {};
  if (field.includes('?')) return true;
  return field.includes('#') ? 1 : 'some text';
}

/** A value of another type than the mark of the field says. */
export const wrongly = (field: string): unknown => (/[[{?#]/.test(field) ? 'some text' : { some: 'object' });

/** A client that knows nothing but the rows: it sends only what a row has, and takes only what a row answers. */
export class FormsClient {
  readonly #trial: Trial;
  readonly #as: Credentials;

  constructor(trial: Trial, as: Credentials = OWNER) {
    this.#trial = trial;
    this.#as = as;
  }

  async call(
    name: string,
    parameters: Record<string, string> = {},
    form: Record<string, unknown> = {},
  ): Promise<Answer> {
    const row = ROWS.find((one) => `${one.method} ${one.path}` === name);
    if (!row) throw new Error(`The contract has no ${name}.`);
    const path = row.path.replace(/\{(\w+)\}/g, (_, parameter: string) => parameters[parameter] ?? NOBODY);
    const known = { query: row.query ?? [], body: fieldsOf(row).map(plainName) };
    const query = new URLSearchParams();
    const body: Record<string, unknown> = {};
    for (const [field, value] of Object.entries(form)) {
      if (known.body.includes(field)) body[field] = value;
      else if (known.query.includes(field)) query.set(field, String(value));
      else throw new Error(`${name} takes no ${field}.`);
    }
    const answer = await this.#trial.api(row.method, `${path}?${query.toString()}`, {
      as: this.#as,
      ...(row.body ? { body } : {}),
    });
    expect([401, 403, ...row.statuses]).toContain(answer.status);
    return answer;
  }
}
