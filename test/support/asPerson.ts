/** What each system lets somebody do who asks with credentials of their own, past all code of Tenure. */
import type { CloudinaryBench } from './cloudinaryStandIn.ts';
import { PERSON_PASSWORD, type ExstreamBench } from './exstreamStandIn.ts';
import type { IconikState } from './iconikSeen.ts';
import type { IconikBench } from './iconikStandIn.ts';
import type { OtdsBench } from './otdsStandIn.ts';

/** Something tried, and how the system answered. */
export type Try = { what: string; status: number };

/** Sends a request as the person and answers the status. */
export type Ask = (method: string, path: string, body?: object) => Promise<number>;

/** What was let through: anything but "who are you" and "not you". A wrong body or an object that is not there is past that gate. */
export const letThrough = (tries: readonly Try[]): string[] =>
  tries
    .filter(({ status }) => status !== 401 && status !== 403)
    .map(({ what }) => what)
    .sort();

const askWith =
  (origin: string, headers: Record<string, string>): Ask =>
  async (method, path, body) => {
    const reply = await fetch(`${origin}${path}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    await reply.arrayBuffer();
    return reply.status;
  };

const tried = async (ask: Ask, asked: readonly (readonly [what: string, ...request: Parameters<Ask>])[]) =>
  await Promise.all(asked.map(async ([what, ...request]): Promise<Try> => ({ what, status: await ask(...request) })));

/** People's passwords in OTDS: each is set once, since OTDS takes none a second time. */
export class Passwords {
  private readonly otds: OtdsBench;
  private readonly having = new Set<string>();

  constructor(otds: OtdsBench) {
    this.otds = otds;
  }

  async give(who: string): Promise<void> {
    if (this.having.has(who)) return;
    this.having.add(who);
    const body = { newPassword: PERSON_PASSWORD };
    await this.otds.admin('PUT', `/users/${encodeURIComponent(who)}/password`, body);
  }
}

/** With a ticket by the person's password; undefined: not let in. */
export async function asOtdsUser({ config }: OtdsBench, who: string): Promise<Ask | undefined> {
  const reply = await fetch(`${config.url}/rest/authentication/credentials`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userName: who, password: PERSON_PASSWORD }),
  });
  const { ticket } = (await reply.json()) as { ticket?: string };
  return reply.ok && ticket !== undefined ? askWith(`${config.url}/rest`, { OTDSTicket: ticket }) : undefined;
}

/** Ways by which somebody could help themselves to more. */
export async function triesOnOtds(ask: Ask, who: string): Promise<Try[]> {
  const me = encodeURIComponent(who);
  return await tried(ask, [
    ['join the administrators of media', 'POST', `/users/${me}/memberof`, { stringList: ['Media Admins@staff'] }],
    ['join the approvers', 'POST', `/users/${me}/memberof`, { stringList: ['Security Approvers@staff'] }],
    ['make a user', 'POST', '/users', { userPartitionID: 'staff', name: 'second.self' }],
    ['open an account', 'PATCH', '/users/tom.weber%40staff', { userPartitionID: 'staff', values: [] }],
    ['enter an access role', 'POST', '/accessroles/Access%20to%20Media%20Portal/members', { users: [{ name: who }] }],
  ]);
}

/** With a token by the person's password in iconik, set by the mailed link at the first call; undefined: not let in. */
export async function asIconikUser(bench: IconikBench, email: string): Promise<Ask | undefined> {
  const { url } = bench.config;
  const open = askWith(url, {});
  const login = async () =>
    await fetch(`${url}/API/auth/v1/auth/simple/login/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: PERSON_PASSWORD }),
    });
  let reply = await login();
  if (!reply.ok && (await isActive(bench, email))) {
    await open('POST', '/API/auth/v1/password/forgot/', { email });
    await bench.act({ action: 'acceptInvitation', email, password: PERSON_PASSWORD });
    reply = await login();
  }
  if (!reply.ok) return undefined;
  const { app_id, token } = (await reply.json()) as { app_id: string; token: string };
  return askWith(url, { 'App-ID': app_id, 'Auth-Token': token });
}

async function isActive(bench: IconikBench, email: string): Promise<boolean> {
  const { users } = (await bench.control('GET', '/state')) as IconikState;
  return Object.values(users).some((one) => one.email.toLowerCase() === email.toLowerCase() && one.status === 'ACTIVE');
}

/** Reading and renaming each collection by its path, and ways to more: members, users, a role of their own giving. `email`: who tries. */
export async function triesOnIconik(bench: IconikBench, ask: Ask, email: string): Promise<Try[]> {
  const { collections, groups, users } = (await bench.control('GET', '/state')) as IconikState;
  const [admin] = Object.values(groups).filter(({ name }) => name === 'Media Library Admin');
  // To themselves: who may give roles has this one already, so that the trial changes nothing.
  const self = Object.values(users).find((user) => user.email.toLowerCase() === email.toLowerCase());
  const onEach = Object.values(collections).flatMap(({ id, title }) => {
    const at = `/API/assets/v1/collections/${id}/`;
    const path = pathOf(collections, id);
    return [
      [`read ${path}`, 'GET', at],
      [`write ${path}`, 'PATCH', at, { title }],
    ] as const;
  });
  return await tried(ask, [
    ...onEach,
    ['see users', 'GET', '/API/users/v1/users/'],
    ['make users', 'POST', '/API/users/v1/users/', {}],
    ['give roles', 'POST', `/API/users/v1/role_groups/${admin?.id}/users/${self?.id}/`],
  ]);
}

function pathOf(collections: IconikState['collections'], id: string): string {
  const one = collections[id];
  if (!one) return id;
  return one.parent_id ? `${pathOf(collections, one.parent_id)}/${one.title}` : one.title;
}

/** With a token of the person for the environment; undefined: they have no account. */
export async function asCloudinaryUser(bench: CloudinaryBench, email: string): Promise<Ask | undefined> {
  const { users } = await bench.state();
  if (!Object.values(users).some((one) => one.email.toLowerCase() === email.toLowerCase())) return undefined;
  const { result } = await bench.act({ action: 'issueToken', user: email });
  const { token } = result as { token: string }; // what the stand-in answers to this action
  return askWith(`${bench.config.url}/v1_1/northwind`, { authorization: `Bearer ${token}` });
}

const PIXEL = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';

/** Seeing and adding to every folder. `name` keeps the uploads of two people apart. */
export async function triesOnCloudinary(bench: CloudinaryBench, ask: Ask, name: string): Promise<Try[]> {
  const { folders } = await bench.state();
  return await tried(
    ask,
    Object.values(folders).flatMap(({ path }) => {
      const upload = { file: PIXEL, asset_folder: path, public_id: `${name} in ${path.replaceAll('/', ' ')}` };
      return [
        [`see ${path}`, 'GET', `/folders/${path.split('/').map(encodeURIComponent).join('/')}`],
        [`add to ${path}`, 'POST', '/image/upload', upload],
      ] as const;
    }),
  );
}

/** With a token by the person's password in OTDS; undefined: not let in. */
export async function asExstreamUser(bench: ExstreamBench, who: string): Promise<Ask | undefined> {
  const token = await bench.token(who);
  return token === undefined ? undefined : askWith(bench.config.url, { authorization: `Bearer ${token}` });
}

/** Reading, editing and running in each of the domains. */
export async function triesOnExstream(ask: Ask, domains: readonly string[]): Promise<Try[]> {
  return await tried(
    ask,
    domains.flatMap((domain) => {
      const at = encodeURIComponent(domain);
      return [
        [`read ${domain}`, 'GET', `/design/api/v1/resources/${at}`],
        [`edit ${domain}`, 'POST', `/design/api/v1/import/das/${at}`],
        [`run ${domain}`, 'POST', `/orchestration/api/v1/runtime/${at}/jobs/none/stop`],
      ] as const;
    }),
  );
}
