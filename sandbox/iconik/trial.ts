import { Controlled } from '../common/controlled.ts';
import { startStandIn } from '../common/standIn.ts';
import type { Entry } from '../common/types.ts';
import type { Credentials } from './seed.ts';
import { OWNER, SERVICE } from './seed.ts';
import { iconikStandIn } from './standIn.ts';

/** For tests: the stand-in served on free ports, spoken to over HTTP only. */

type AclItem = { user_id: string; group_id: string; permissions: string[]; object_key: string };
type Lists = 'users_acl' | 'groups_acl' | 'propagating_users_acl' | 'propagating_groups_acl';
type InheritedLists = 'inherited_users_acl' | 'inherited_groups_acl';

/** What any of the routes may answer, all together: tests read what they expect. */
export type Item = {
  [list in Lists | InheritedLists]: AclItem[];
} & {
  id: string;
  name: string;
  title: string;
  email: string;
  first_name: string | null;
  type: string;
  status: string;
  is_admin: boolean;
  primary_group: string;
  groups: string[];
  teams: string[];
  role_groups: string[];
  roles: string[];
  group_type: string | null;
  permissions: string[];
  user_id: string;
  group_id: string;
  owner_id: string;
  url: string | null;
  expires: string;
  token: string;
  app_id: string;
  date_created: string;
  has_domain_been_migrated_to_simplified_acls: boolean;
  users: { id: string; email: string }[];
  parents: string[];
  collection_id: string;
  updated_object_keys: string[];
  access_granted: string[];
  access_denied: string[];
  errors: string[] | Record<string, string>;
};
export type Body = Item & {
  objects: Item[];
  page: number;
  pages: number;
  per_page: number;
  total: number;
  next_url: string | null;
  prev_url: string | null;
};
export type Answer = { status: number; headers: Headers; body: Body; text: string };
export type Options = { as?: Credentials | null; body?: unknown; headers?: Record<string, string> };

export class Trial extends Controlled<Record<string, string>> {
  #known = 0;
  /** One request as our service account, or as somebody else (`null`: without headers). `path` follows `/API/`. */
  async api(method: string, path: string, { as = SERVICE, body, headers = {} }: Options = {}): Promise<Answer> {
    const auth: Record<string, string> = as ? { 'App-ID': as.appId, 'Auth-Token': as.token } : {};
    const reply = await fetch(path.startsWith('/') ? `${this.url}${path}` : `${this.url}/API/${path}`, {
      method,
      headers: { ...auth, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await reply.text();
    const parsed = (text === '' ? {} : JSON.parse(text)) as Body; // tests read what they expect
    return { status: reply.status, headers: reply.headers, body: parsed, text };
  }

  owner(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.api(method, path, { as: OWNER, ...(body === undefined ? {} : { body }) });
  }

  /** Moves the clock over the delay of background work. */
  async settle(): Promise<void> {
    await this.control('POST', '/clock', { advance: 1 });
  }

  /** The newest line of the ledger; only what is new since the last look is fetched, for the ledger is never cleared. */
  override async lastEntry(): Promise<Entry> {
    const { entries, next } = await this.control<{ entries: Entry[]; next: number }>(
      'GET',
      `/ledger?since=${this.#known}`,
    );
    const last = entries.at(-1);
    if (!last) throw new Error('The ledger is empty.');
    this.#known = next - 1;
    return last;
  }

  /** The one object of a list with that value; a missing one fails the test. */
  async find(path: string, field: 'name' | 'title' | 'email', value: string): Promise<Item> {
    const { body } = await this.owner('GET', `${path}?per_page=500`);
    const found = body.objects.find((one) => one[field] === value);
    if (!found) throw new Error(`${path} has no ${value}.`);
    return found;
  }

  team(name: string): Promise<Item> {
    return this.find('users/v1/teams/', 'name', name);
  }

  roleGroup(name: string): Promise<Item> {
    return this.find('users/v1/role_groups/', 'name', name);
  }

  user(email: string): Promise<Item> {
    return this.find('users/v1/users/', 'email', email);
  }

  root(title: string): Promise<Item> {
    return this.find('assets/v1/collections/', 'title', title);
  }

  /** Headers of an ordinary person, through an application that the owner makes for them. */
  async credentialsOf(email: string): Promise<Credentials> {
    const user = await this.user(email);
    const app = await this.owner('POST', 'auth/v1/apps/', { name: `of ${email}`, default_user_id: user.id });
    const token = await this.owner('POST', `auth/v1/apps/${app.body.id}/token/`);
    return { appId: app.body.id, token: token.body.token };
  }
}

export async function startTrial(dataDir?: string, strict = false): Promise<Trial> {
  const options = { port: 0, controlPort: 0, ...(dataDir === undefined ? {} : { dataDir }) };
  return new Trial(await startStandIn(iconikStandIn(SERVICE, { strict }), options));
}
