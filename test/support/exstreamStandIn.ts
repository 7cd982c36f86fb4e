/** The Exstream stand-in behind the OTDS stand-in, as a shop with regional administration has them, and a client of ours on both. */
import { Controlled } from '../../sandbox/common/controlled.ts';
import { startStandIn } from '../../sandbox/common/standIn.ts';
import type { FaultPlan } from '../../sandbox/common/types.ts';
import { exstreamStandIn } from '../../sandbox/exstream/standIn.ts';
import type { Actual, Change } from '../../src/domain/change.ts';
import type { Person } from '../../src/domain/person.ts';
import type { HttpLog } from '../../src/systems/http.ts';
import type { Applied } from '../../src/systems/port.ts';
import type { ExstreamConfig } from '../../src/systems/exstream/block.ts';
import type { ExstreamChoices } from '../../src/systems/exstream/choices.ts';
import { createExstream, type ExstreamSystem } from '../../src/systems/exstream/target.ts';
import { applyCall, call, OTDS_CLIENT_SECRET, startOtdsBench, type OtdsBench } from './otdsStandIn.ts';

type Json = Record<string, unknown>;
type GroupRoleRow = { group: string; roleId: string; domain: string };
type State = { roles: Record<string, { id: string; name: string }>; groupRoles: Record<string, GroupRoleRow> };

/** A request as a stand-in's ledger has it. */
export type ExstreamRequest = { method: string; path: string; status: number | null; caller: string };

export type ExstreamBench = {
  readonly system: ExstreamSystem;
  readonly otds: OtdsBench;
  config: ExstreamConfig;
  /** Another client of ours on the same stand-ins. */
  client(
    config?: Partial<ExstreamConfig>,
    more?: { choices?: Partial<ExstreamChoices>; secret?: string },
  ): ExstreamSystem;
  /** Everything our clients logged. */
  logged(): string;
  control(method: string, path: string, body?: unknown): Promise<Json>;
  choose(constant: string, value: unknown): Promise<void>;
  fault(plan: FaultPlan): Promise<void>;
  /** Design past our client, with the tenant's own client, or as `who` logs in with their own password. Status and body. */
  design(
    method: string,
    path: string,
    options?: { body?: object; token?: string },
  ): Promise<{ status: number; body: Json }>;
  /** The same for any path below the origin. */
  ask(
    method: string,
    path: string,
    options?: { body?: object; token?: string },
  ): Promise<{ status: number; body: Json }>;
  /** A token by the person's own password, or by an OAuth client of OTDS; undefined: refused. */
  token(who: string): Promise<string | undefined>;
  /** `group: role@domain` of every row, as Exstream itself has it, sorted. */
  groupRoles(): Promise<string[]>;
  /** Requests to Exstream since the last call of this, log-ins left out. */
  requests(): Promise<ExstreamRequest[]>;
  /** Direct members of an OTDS group, as OTDS itself has them. */
  members(group: string): Promise<string[]>;
  read(who: string, interest?: readonly string[]): Promise<Actual>;
  /** Reads, then makes the changes in turn, as a plan from that read. */
  apply(who: string, ...changes: Change[]): Promise<Applied[]>;
  /** Seed state and shop, no faults, clients that have not logged in. */
  reset(): Promise<void>;
  close(): Promise<void>;
};

export const DESIGNER = 'exstream:role/commdesigner@Development';
export const REVIEWER = 'exstream:role/reviewer@Production';
export const EMEA = 'exstream:role/bcauser@Regional EMEA';
export const APAC = 'exstream:role/bcauser@Regional APAC';
export const EVERY_ROLE = ['exstream:role/*@*'];
export const ACCESS_ROLE = 'Access to Exstream';
export const PERSON_PASSWORD = 'A-pass-word-1';

/** Carrying groups by entitlement. The regional ones get their roles from Tenure. */
const ROLES = {
  'commdesigner@Development': 'Designers@exstream.role',
  'reviewer@Production': 'Reviewers@exstream.role',
  'bcauser@Regional EMEA': 'Authors EMEA@exstream.role',
  'bcauser@Regional APAC': 'Authors APAC@exstream.role',
};
const REGIONS = ['EMEA', 'APAC'];
const TENANT = 'northwind';

/** Every group that the seed gives roles to. */
const OTHER_GROUPS = [
  'tenantadmins@exstream.role',
  'otadmins@otds.admin',
  'tenantusers@exstream.role',
  'Media Admins@staff',
  'Marketing Editors@staff',
  'Post Production@staff',
  'Legal Review@staff',
  'Security Approvers@staff',
  'Agency Editors@contractors',
  'All Staff@staff',
  'Operators@exstream.role',
  ...REGIONS.map((region) => `Admins ${region}@exstream.role`),
];

export async function startExstreamBench(): Promise<ExstreamBench> {
  const otds = await startOtdsBench({ partitions: ['staff', 'contractors', 'partners', 'field', 'exstream.role'] });
  const otdsUrl = new URL(otds.config.url).origin;
  const definition = exstreamStandIn({ otds: otdsUrl, resource: 'Exstream', strict: true });
  const standIn = await startStandIn(definition, { port: 0, controlPort: 0 });
  const lines: string[] = [];
  const log: HttpLog = { debug: (fields, message) => void lines.push(JSON.stringify({ ...fields, message })) };
  const tokenUrl = `${standIn.url}/otdstenant/${TENANT}/oauth2/token`;
  const own = (region: string) => ({ clientId: `tenure-${region.toLowerCase()}`, clientSecret: 'env:CLIENT' });
  const config: ExstreamConfig = {
    url: standIn.url,
    mode: 'enforce',
    tokenUrl,
    scope: 'otds:groups',
    clientId: 'tenure',
    clientSecret: 'env:CLIENT',
    tokenLifeSeconds: 3_600,
    otds: { url: otdsUrl, partitions: [...otds.config.partitions], synchronised: ['field'] },
    accessRole: ACCESS_ROLE,
    domains: { Development: {}, Production: {}, 'Regional EMEA': own('EMEA'), 'Regional APAC': own('APAC') },
    roles: ROLES,
    manageGroupRoles: true,
    otherGroups: OTHER_GROUPS,
    permissionDigests: {},
    limits: { requestMs: 5_000, perSecond: 5_000, concurrent: 8 },
  };
  const opened: ExstreamSystem[] = [];
  const client: ExstreamBench['client'] = (changed = {}, { choices, secret = OTDS_CLIENT_SECRET } = {}) => {
    const made = createExstream({ ...config, ...changed }, { secret: () => secret, log, ...(choices && { choices }) });
    opened.push(made);
    return made;
  };
  const tokens = new Map<string, string>();
  let system = client();
  let seen = 0;

  const served = new Controlled<unknown, Record<string, unknown>>(standIn);
  const control: ExstreamBench['control'] = async (method, path, body) => await served.control(method, path, body);

  const bench: ExstreamBench = {
    get system() {
      return system;
    },
    otds,
    config,
    client,
    logged: () => lines.join('\n'),
    control,
    choose: async (constant, value) => void (await control('POST', '/act', { action: 'choose', constant, value })),
    fault: async (plan) => void (await control('POST', '/faults', plan)),
    design: async (method, path, options) => await bench.ask(method, `/design/api/v1${path}`, options),
    async ask(method, path, { body, token } = {}) {
      const send = async (): Promise<{ status: number; body: Json }> => {
        const ours = tokens.get('tenure') ?? (await bench.token('tenure')) ?? '';
        tokens.set('tenure', ours);
        const reply = await fetch(`${standIn.url}${path}`, {
          method,
          headers: { authorization: `Bearer ${token ?? ours}`, 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        return { status: reply.status, body: (await reply.json()) as Json };
      };
      const first = await send();
      if (first.status !== 401 || token !== undefined) return first;
      tokens.clear();
      return await send();
    },
    async token(who) {
      const form = who.includes('@')
        ? { grant_type: 'password', username: who, password: PERSON_PASSWORD, client_id: 'tenure' }
        : { grant_type: 'client_credentials', client_id: who };
      const body = new URLSearchParams({ ...form, client_secret: OTDS_CLIENT_SECRET, scope: 'otds:groups' });
      const reply = await fetch(tokenUrl, { method: 'POST', body });
      return reply.ok ? String(((await reply.json()) as Json)['access_token']) : undefined;
    },
    async groupRoles() {
      const { roles, groupRoles } = (await control('GET', '/state')) as State;
      return Object.values(groupRoles)
        .map((row) => `${row.group}: ${roles[row.roleId]?.name}@${row.domain}`)
        .sort();
    },
    async requests() {
      const page = await control('GET', `/ledger?since=${seen}&limit=100000`);
      seen = Number(page['next']);
      const rows = page['entries'] as ExstreamRequest[]; // the control contract's ledger
      return rows.filter((row) => row.path.startsWith('/design/'));
    },
    async members(group) {
      const { users } = (await otds.admin('GET', `/groups/${encodeURIComponent(group)}/members`)) as {
        users: { name: string; userPartitionID: string }[];
      };
      return users.map((user) => `${user.name}@${user.userPartitionID}`).sort();
    },
    read: async (who, interest = EVERY_ROLE) => {
      const person = await otds.person(who);
      return await system.target.read({ person, nativeId: person.uuid }, interest, call);
    },
    async apply(who, ...changes) {
      const person: Person = await otds.person(who);
      const account = { person, nativeId: person.uuid };
      const actual = await system.target.read(account, EVERY_ROLE, call);
      const results: Applied[] = [];
      for (const change of changes) results.push(await system.target.apply(account, change, actual, applyCall()));
      return results;
    },
    async reset() {
      await otds.reset();
      await control('POST', '/reset', {});
      await control('DELETE', '/faults');
      tokens.clear();
      await furnishOtds(otds);
      await furnishExstream(bench);
      lines.length = 0;
      system = client();
      await bench.requests();
      await otds.requests();
    },
    async close() {
      await Promise.all(opened.map((one) => one.close()));
      await standIn.close();
      await otds.close();
    },
  };
  await bench.reset();
  return bench;
}

/** A second region's groups beside those of the seed, and the regional administrators' clients. */
async function furnishOtds(otds: OtdsBench): Promise<void> {
  for (const name of ['Authors APAC', 'Admins APAC'])
    await otds.admin('POST', '/groups', { name, userPartitionID: 'exstream.role' });
  for (const region of REGIONS) {
    const id = `tenure-${region.toLowerCase()}`;
    const who = `${id}@OAuthClients`;
    await otds.admin('POST', '/oauthclients', { id, secret: OTDS_CLIENT_SECRET, confidential: true });
    const path = `/users/${encodeURIComponent(who)}/memberof`;
    await otds.admin('POST', path, { stringList: [`Admins ${region}@exstream.role`] });
    const { location } = await otds.admin('GET', `/users/${encodeURIComponent(who)}`);
    const members = `/accessroles/${encodeURIComponent(ACCESS_ROLE)}/members`;
    await otds.admin('POST', members, { users: [{ name: who, location }] });
  }
}

/** A second region, and a role that administers one domain (the stand-in's made-up text). */
async function furnishExstream(bench: ExstreamBench): Promise<void> {
  const state = await bench.control('GET', '/state');
  const domains = state['domains'] as Record<string, Json>;
  const apac = { ...domains['Regional EMEA'], id: 'Regional APAC' };
  // What the authors' group is to carry it gets from Tenure.
  const rows = Object.entries(state['groupRoles'] as State['groupRoles']);
  const groupRoles = Object.fromEntries(rows.filter(([, { group }]) => group !== ROLES['bcauser@Regional EMEA']));
  await bench.control('PUT', '/state', { ...state, domains: { ...domains, 'Regional APAC': apac }, groupRoles });
  const must = async (path: string, body: object): Promise<void> => {
    const reply = await bench.design('POST', path, { body });
    if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
  };
  await must('/roles', { name: 'domainadmin', appPermissions: '', adminPermissions: 'opaque:standin:64' });
  await must('/role-permissions', { roleName: 'domainadmin', objectType: 'all', permissions: 'opaque:standin:1' });
  const row = (group: string, roleName: string, domain: string) => ({ group, roleName, domain: { id: domain } });
  for (const region of REGIONS)
    await must('/group-roles', row(`Admins ${region}@exstream.role`, 'domainadmin', `Regional ${region}`));
}
