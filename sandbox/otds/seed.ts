import type { Context } from '../common/types.ts';
import { company, generate, refOf } from '../company.ts';
import type { Company, CompanyPerson } from '../company.ts';
import { ADMIN_PARTITION } from './access.ts';
import { usualChoices } from './chosen.ts';
import { Directory } from './directory.ts';
import type { Attributes, Entity, OtdsState, Partition } from './model.ts';
import { addOAuthClient, OAUTH_PARTITION } from './oauthClients.ts';
import { usualPolicy } from './policy.ts';
import { addResource } from './resources.ts';
import { EXSTREAM_PARTITION, exstreamShop } from './seedExstream.ts';
import { uuidOf } from './seedIds.ts';
import { importAll } from './sync.ts';
import { usualSystemConfig } from './systemConfig.ts';
import { newSigningKey } from './tokens.ts';
import { addGroup, addRole, addUser, link } from './writes.ts';

/** When the seed company was entered, before anything a test or demo does. */
const SEEDED_AT = new Date('2026-01-05T08:00:00Z');

/** The secrets of the built-in administrator and OAuth client. */
export type SeedSecrets = { password: string; clientSecret: string };

function partition(name: string, description: string, synchronised = false): Partition {
  return { name, description, uuid: uuidOf(`partition:${name}`), synchronised, administrators: [], profile: null };
}

/** What is the same at every start, and missing in states that were saved before it was served. */
function usualParts() {
  return {
    passwordPolicy: usualPolicy(),
    licenses: {},
    systemConfig: usualSystemConfig(),
    tenants: {},
    auditRecords: {},
    refreshTokens: {},
    authCodes: {},
    pushQueue: {},
    pushed: {},
    choices: usualChoices(),
  };
}

/** Fills in what a state of an earlier version lacks. */
export function completed(state: OtdsState): OtdsState {
  const usual = usualParts();
  for (const [name, value] of Object.entries(usual)) if (!(name in state)) Object.assign(state, { [name]: value });
  for (const part of ['choices', 'passwordPolicy'] as const)
    Object.assign(state[part], { ...usual[part], ...state[part] });
  return state;
}

function emptyState(): OtdsState {
  const partitions = [
    partition(ADMIN_PARTITION, 'Administrators'),
    partition(OAUTH_PARTITION, 'OAuth clients'),
    partition('staff', 'Employees'),
    partition('contractors', 'People of agencies'),
    partition('partners', 'Printing houses and others'),
    partition('field', 'Crews on location, kept in their own directory', true),
    partition(EXSTREAM_PARTITION, 'Groups that carry rights in Exstream; no people'),
  ];
  return {
    n: 0,
    users: {},
    groups: {},
    members: {},
    roles: {},
    roleMembers: {},
    partitions: Object.fromEntries(partitions.map((p) => [p.name, p])),
    orgUnits: {},
    accessRoles: {},
    resources: {},
    oauthClients: {},
    upstream: { field: { people: {}, groups: {} } },
    tickets: {},
    tokens: {},
    signingKey: newSigningKey(),
    ...usualParts(),
  };
}

/** A person's attributes, by the mapping that the worked example uses. */
function attributesOf(p: CompanyPerson): Attributes {
  const given: Record<string, string | null> = {
    displayName: p.displayName,
    givenName: p.given,
    sn: p.family,
    mail: p.mail,
    title: p.title,
    oTDepartment: p.department,
    oTCompany: 'Northwind Pictures',
    preferredLanguage: p.language,
    oTExtraAttr0: p.type,
    oTExtraAttr1: p.start,
    oTExtraAttr2: p.end,
    oTExtraAttr3: p.region,
    oTExtraAttr4: p.unit === '' ? null : p.unit,
    oTExtraAttr5: p.manager,
    accountDisabled: String(p.disabled),
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === null ? [] : [[name, [value]]])),
  );
}

/** The seed company, or a generated one of that many people, with the built-in objects of every OTDS. */
export function seed(o: { seed?: string; people?: number }, secrets: SeedSecrets): OtdsState {
  const state = emptyState();
  const nothing = () => undefined;
  const ctx: Context<OtdsState> = {
    state,
    now: () => SEEDED_AT,
    write: nothing,
    caller: nothing,
    chosen: nothing,
    outbox: nothing,
    special: () => false,
    later: nothing,
  };
  builtIn(ctx, secrets);
  const from =
    o.people === undefined && o.seed === undefined ? company : generate(o.people ?? company.people.length, o.seed);
  people(ctx, from);
  portal(ctx);
  exstreamShop(ctx);
  return state;
}

function builtIn(ctx: Context<OtdsState>, secrets: SeedSecrets): void {
  const partition = ADMIN_PARTITION;
  const user = (name: string, password?: string) =>
    addUser(ctx, {
      partition,
      name,
      uuid: uuidOf(`user:${name}@${partition}`),
      attributes: {
        displayName: [name],
        PasswordNeverExpires: ['true'],
        ...(password === undefined ? {} : { userPassword: [password] }),
      },
    });
  const group = (name: string) => addGroup(ctx, { partition, name, uuid: uuidOf(`group:${name}@${partition}`) });
  const [otadmin, breakGlass] = [user('otadmin', secrets.password), user('break-glass')];
  const [otadmins, otdsadmins] = [group('otadmins'), group('otdsadmins')];
  addOAuthClient(ctx, {
    id: 'tenure',
    uuid: uuidOf('client:tenure'),
    secret: secrets.clientSecret,
    fields: {
      description: 'Identity lifecycle',
      allowImpersonation: true,
      confidential: true,
      accessTokenLifeTime: 3600,
    },
  });
  const dir = Directory.of(ctx.state);
  const client = dir.users.named('tenure', OAUTH_PARTITION)[0];
  for (const member of [otadmin, breakGlass, ...(client ? [client] : [])]) enter(ctx, otadmins, 'users', member);
  enter(ctx, otdsadmins, 'users', otadmin);
}

function enter(ctx: Context<OtdsState>, container: Entity, kind: 'users' | 'groups', member: Entity): void {
  link(ctx, { membership: Directory.of(ctx.state).groupMembers, object: 'membership', container, kind, member });
}

function people(ctx: Context<OtdsState>, from: Company): void {
  const upstream = ctx.state.upstream['field'] ?? { people: {}, groups: {} };
  const entities = new Map<string, Entity>();
  for (const p of from.people) {
    const ref = refOf(p);
    const { accountDisabled: _told, ...attributes } = attributesOf(p);
    if (p.partition === 'field')
      upstream.people[uuidOf(`upstream:${ref}`)] = { login: p.login, attributes, disabled: p.disabled };
    else {
      const user = { partition: p.partition, name: p.login, uuid: uuidOf(`user:${ref}`), attributes: attributesOf(p) };
      entities.set(`user:${ref}`, addUser(ctx, user));
    }
  }
  for (const g of from.groups) {
    const ref = `${g.name}@${g.partition}`;
    if (g.partition === 'field')
      upstream.groups[uuidOf(`upstream:${ref}`)] = { name: g.name, description: g.description, members: [] };
    else entities.set(`group:${ref}`, addGroup(ctx, { ...g, uuid: uuidOf(`group:${ref}`) }));
  }
  for (const m of from.memberships) {
    const group = entities.get(`group:${m.group}`);
    const member = entities.get(`${m.kind}:${m.member}`);
    if (group && member) enter(ctx, group, m.kind === 'user' ? 'users' : 'groups', member);
    else upstream.groups[uuidOf(`upstream:${m.group}`)]?.members.push(uuidOf(`upstream:${m.member}`));
  }
  importAll(ctx, 'field', uuidOf);
}

/** One resource with its access role, which people have used before: a PUT of the whole must keep them. */
function portal(ctx: Context<OtdsState>): void {
  addResource(ctx, {
    name: 'Media Portal',
    resourceID: uuidOf('resourceID:Media Portal'),
    secretKey: 'bm9ydGh3aW5kLW1lZGlhLQ==',
    uuid: uuidOf('resource:Media Portal'),
    accessRoleUuid: uuidOf('accessRole:Media Portal'),
    userUuid: uuidOf('resourceUser:Media Portal'),
    fields: { displayName: 'Media Portal', description: 'Where people watch and approve', allowImpersonation: true },
  });
  const dir = Directory.of(ctx.state);
  const members = ctx.state.accessRoles['Access to Media Portal']?.members;
  members?.groups.push(...dir.groups.named('Media Admins', 'staff').map((g) => g.uuid));
  members?.users.push(...dir.users.named('kofi.mensah', 'staff').map((u) => u.uuid));
  addRole(ctx, {
    partition: 'staff',
    name: 'Portal Reviewer',
    uuid: uuidOf('role:Portal Reviewer@staff'),
    description: 'Reviews in the media portal',
  });
}
