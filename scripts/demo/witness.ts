/** An outside observer: what each system itself says of a person, read from its own state and not from Tenure. Uses no code of Tenure's. */
import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { Client } from 'basic-ftp';
import type { LocalJson } from '../../src/local/files.ts';
import { ask } from './http.ts';

export const SYSTEMS = ['otds', 'iconik', 'cloudinary', 'exstream', 'ftp', 'push'] as const;
export type System = (typeof SYSTEMS)[number];

/** Facts by system, in words. */
export type Seen = Record<System, string[]>;

/** Somebody of the demo. `who` and `manager` are written `login@partition`. */
export type Somebody = { login: string; who: string; mail: string; manager: string };

/** What somebody is in, by `group@partition` and name of the access role, and how: directly or by something else. */
type InOtds = { uuid: string; disabled: boolean; groups: Held[]; accessRoles: Held[] };
type Held = { name: string; how: string };

type Rows<T> = Record<string, T>;
type Phone = { user: string; inbox: { title: string | null; body: string | null }[] };

const PARTNERS = ['acme', 'printco'];

export class Witness {
  private readonly config: LocalJson;
  private readonly devicesOf: (uuid: string) => Promise<number>;

  /** `devicesOf`: how many devices of a person the registry holds; it has no other place than Tenure's ledger. */
  constructor(config: LocalJson, devicesOf: (uuid: string) => Promise<number>) {
    this.config = config;
    this.devicesOf = devicesOf;
  }

  async of(one: Somebody): Promise<Seen> {
    const inOtds = await this.otds(one);
    const [iconik, cloudinary, exstream, ftp, push] = await Promise.all([
      this.iconik(one.mail),
      this.cloudinary(one.mail),
      this.exstream(inOtds),
      this.ftp(one.who),
      this.push(one, inOtds.uuid),
    ]);
    return { otds: factsOf(inOtds), iconik, cloudinary, exstream, ftp, push };
  }

  /** The uuid of somebody in OTDS. */
  async uuidOf(one: Somebody): Promise<string> {
    return (await this.otds(one)).uuid;
  }

  private async otds({ who }: Somebody): Promise<InOtds> {
    return await ask(`${this.config.otds.control}/state/access/${encodeURIComponent(who)}`);
  }

  /** Users, teams and role groups, by iconik's own API. */
  private async iconik(mail: string): Promise<string[]> {
    const { iconik } = this.config;
    if (iconik === undefined) return ['does not run here'];
    const headers = { 'App-ID': iconik.appId, 'Auth-Token': iconik.authToken };
    const get = async <T>(path: string): Promise<T> => await ask<T>(`${iconik.url}/API/users/v1/${path}`, { headers });
    const [found] = (await get<{ objects: { id: string }[] }>(`users/?email=${encodeURIComponent(mail)}`)).objects;
    if (!found) return ['no user'];
    const user = await get<{ status: string; teams: string[]; role_groups: string[] }>(`users/${found.id}/`);
    const named = async (kind: string, ids: readonly string[]): Promise<string[]> =>
      (await get<{ objects: { id: string; name: string }[] }>(`${kind}/?per_page=100`)).objects
        .filter(({ id }) => ids.includes(id))
        .map(({ name }) => name);
    const teams = await named('teams', user.teams);
    const roles = await named('role_groups', user.role_groups);
    return [user.status, ...teams.map((name) => `team ${name}`), ...roles.map((name) => `role ${name}`)];
  }

  /** Users, groups, environments and roles of their own, from the stand-in's state. */
  private async cloudinary(mail: string): Promise<string[]> {
    const { cloudinary } = this.config;
    if (cloudinary === undefined) return ['does not run here'];
    const state = await ask<CloudinaryState>(`${cloudinary.control}/state`);
    const user = Object.values(state.users).find(({ email }) => email.toLowerCase() === mail.toLowerCase());
    if (!user) return ['no user'];
    const groups = Object.values(state.groups).filter(({ users }) => users.includes(user.id));
    const roles = Object.values(state.assignments).filter(
      ({ principal_type, principal_id }) => principal_type === 'user' && principal_id === user.id,
    );
    return [
      user.enabled ? 'enabled' : 'disabled',
      ...groups.map(({ name }) => `group ${name}`),
      ...user.sub_account_ids.map((id) => `environment ${state.environments[id]?.cloud_name}`),
      ...roles.map(({ role_id, policy_parameters: { folder_id } }) => {
        const role = role_id.split('::').at(-1);
        return folder_id === undefined ? `role ${role}` : `${role} of ${state.folders[folder_id]?.path}`;
      }),
    ];
  }

  /** Who the door is open to, by OTDS; what the groups of the person carry, by Exstream's own group-roles. */
  private async exstream({ groups, accessRoles }: InOtds): Promise<string[]> {
    const { exstream } = this.config;
    if (exstream === undefined) return ['does not run here'];
    const { roles, groupRoles } = await ask<ExstreamState>(`${exstream.control}/state`);
    const direct = groups.filter(({ how }) => how === 'direct').map(({ name }) => name.toLowerCase());
    const mine = direct.filter((name) => name.endsWith('@exstream.role'));
    return [
      accessRoles.some(({ name }) => name === 'Access to Exstream') ? 'let in' : 'not let in',
      ...Object.values(groupRoles)
        .filter(({ group }) => mine.includes(group.toLowerCase()))
        .map(({ roleId, domain }) => `${roles[roleId]?.name} in ${domain}`),
    ];
  }

  /** The lists as they lie on the file server, fetched from it. */
  private async ftp(who: string): Promise<string[]> {
    const { ftp } = this.config;
    if (ftp === undefined) return ['does not run here'];
    const [host = '', port] = ftp.host.split(':');
    const client = new Client(10_000);
    try {
      const secureOptions = { ca: readFileSync(ftp.ca) };
      await client.access({
        host,
        port: Number(port),
        user: ftp.user,
        password: ftp.password,
        secure: true,
        secureOptions,
      });
      const on: string[] = [];
      for (const partner of PARTNERS) {
        const lines = (await fetched(client, `${ftp.folder}/${partner}.csv`)).split(/\r?\n/);
        if (lines.some((line) => line.split(',')[0] === who)) on.push(`on the list of ${partner}`);
      }
      return on.length > 0 ? on : ['on no list'];
    } finally {
      client.close();
    }
  }

  /** What stands on the phones of the person and of the manager, and whether a device is registered. */
  private async push({ who, manager }: Somebody, uuid: string): Promise<string[]> {
    const { fcm } = this.config;
    if (fcm === undefined) return ['does not run here'];
    const phones = Object.values(await ask<Rows<Phone>>(`${fcm.control}/state/phones`));
    const inbox = (owner: string): Phone['inbox'] =>
      phones.filter(({ user }) => user === owner).flatMap((phone) => phone.inbox);
    const own = new Set(inbox(who).map(({ title }) => `reads "${title}"`));
    const about = inbox(manager).filter(({ body }) => body?.includes(who));
    const managers = new Set(about.map(({ title }) => `manager reads "${title}"`));
    return [(await this.devicesOf(uuid)) > 0 ? 'has a device' : 'has no device', ...own, ...managers];
  }
}

type CloudinaryState = {
  users: Rows<{ id: string; email: string; enabled: boolean; sub_account_ids: string[] }>;
  groups: Rows<{ name: string; users: string[] }>;
  environments: Rows<{ cloud_name: string }>;
  folders: Rows<{ path: string }>;
  assignments: Rows<{
    principal_type: string;
    principal_id: string;
    role_id: string;
    policy_parameters: { folder_id?: string };
  }>;
};

type ExstreamState = {
  roles: Rows<{ name: string }>;
  groupRoles: Rows<{ group: string; roleId: string; domain: string }>;
};

/** What rules give on OTDS itself; the other groups are the personnel department's. */
function factsOf({ disabled, groups, accessRoles }: InOtds): string[] {
  const has = (all: readonly Held[], wanted: string): boolean => all.some(({ name }) => name === wanted);
  return [
    disabled ? 'disabled' : 'open',
    ...(has(groups, 'Media Library Users@staff') ? ['group Media Library Users'] : []),
    ...(has(accessRoles, 'Access to Media Portal') ? ['access role Access to Media Portal'] : []),
  ];
}

async function fetched(client: Client, path: string): Promise<string> {
  const pieces: Buffer[] = [];
  const sink = new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece);
      done();
    },
  });
  await client.downloadTo(sink, path);
  return Buffer.concat(pieces).toString('utf8');
}
