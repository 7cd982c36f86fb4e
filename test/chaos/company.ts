/** What HR does in OTDS, through its REST interface as another administrator; and the state in which a seed begins. */
import { createHash } from 'node:crypto';

export type Json = Record<string, unknown>;

/** One call; retried nowhere: faults are planned for Tenure's own requests only. */
export async function asked(
  url: string,
  method: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Json> {
  const reply = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${url}: ${reply.status} ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Json); // every reply of the two stand-ins is an object
}

/** A person that the driver plays with. */
export type Hire = { login: string; partition: string; given: string; family: string; mail: string };
export const whoIs = (p: Pick<Hire, 'login' | 'partition'>): string => `${p.login}@${p.partition}`;

/** Directory attributes by the mapping of the worked example. */
export const FIELD = {
  type: 'oTExtraAttr0',
  start: 'oTExtraAttr1',
  end: 'oTExtraAttr2',
  region: 'oTExtraAttr3',
  unit: 'oTExtraAttr4',
  manager: 'oTExtraAttr5',
  department: 'oTDepartment',
} as const;
export type Fields = Partial<Record<keyof typeof FIELD, string>>;

const valuesOf = (fields: Readonly<Record<string, string>>): { name: string; values: string[] }[] =>
  Object.entries(fields).map(([name, value]) => ({ name, values: value === '' ? [] : [value] }));

const mapped = (fields: Fields): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [FIELD[name as keyof Fields], value]));

/** The personnel office: edits people as an administrator of OTDS. */
export class Hr {
  readonly #rest: string;
  #ticket = '';

  constructor(otdsUrl: string) {
    this.#rest = `${otdsUrl}/otdsws/rest`;
  }

  async #call(method: string, path: string, body?: unknown): Promise<Json> {
    if (this.#ticket === '') {
      const login = { userName: 'otadmin@otds.admin', password: 'otds-sandbox' };
      this.#ticket = String((await asked(`${this.#rest}/authentication/credentials`, 'POST', {}, login))['ticket']);
    }
    return await asked(`${this.#rest}${path}`, method, { OTDSTicket: this.#ticket }, body);
  }

  async hire(p: Hire, fields: Fields): Promise<void> {
    const values = { mail: p.mail, givenName: p.given, sn: p.family, displayName: `${p.given} ${p.family}` };
    await this.#call('POST', '/users', {
      userPartitionID: p.partition,
      name: p.login,
      values: valuesOf({ ...values, ...mapped(fields) }),
    });
  }

  async edit(p: Hire, fields: Fields): Promise<void> {
    await this.#patch(p, mapped(fields));
  }

  async rename(p: Hire, family: string): Promise<void> {
    await this.#patch(p, { sn: family });
  }

  async disable(p: Hire, disabled: boolean): Promise<void> {
    await this.#patch(p, { accountDisabled: String(disabled) });
  }

  async join(p: Hire, group: string): Promise<void> {
    await this.#call('POST', `/users/${encodeURIComponent(whoIs(p))}/memberof`, { stringList: [group] });
  }

  async leave(p: Hire, group: string): Promise<void> {
    await this.#call('POST', `/users/${encodeURIComponent(whoIs(p))}/memberof/deletionset`, { stringList: [group] });
  }

  async delete(p: Hire): Promise<void> {
    await this.#call('DELETE', `/users/${encodeURIComponent(whoIs(p))}`);
  }

  async #patch(p: Hire, values: Record<string, string>): Promise<void> {
    await this.#call('PATCH', `/users/${encodeURIComponent(whoIs(p))}`, {
      userPartitionID: p.partition,
      values: valuesOf(values),
    });
  }
}

/** One application and token of our service account per worker process: iconik counts requests by application. */
export const application = (slot: number): { appId: string; token: string } => ({
  appId: `00000000-0000-4000-8000-00000000000${slot}`,
  token: `chaos-worker-${slot}-token-not-a-secret`,
});

/**
 * The worked example's company, cut down: the first eight people of OTDS; in iconik all its users and teams, but only two collections (Tenure reads
 * the rows of every one, and iconik allows 50 requests a second), one of them with a row of a leaver's own.
 */
export async function prepare(otdsControl: string, iconikControl: string, slots: number): Promise<void> {
  await asked(`${otdsControl}/reset`, 'POST', {}, { people: 8 });
  const { access: _access, memberships: _memberships, ...state } = await asked(`${iconikControl}/state`, 'GET');
  const all = state as Record<string, Record<string, Record<string, unknown>>>; // what GET /state gives
  const rows = (name: string): Record<string, Record<string, unknown>> => all[name] ?? {};
  const kept = Object.values(rows('collections')).filter(
    (c) => c['title'] === 'Unit Trailers' || c['title'] === 'Legal',
  );
  const ids = new Set(kept.map((c) => String(c['id'])));
  const only = (name: string, idOf = (key: string): string => key): void => {
    for (const key of Object.keys(rows(name))) if (!ids.has(idOf(key))) delete rows(name)[key];
  };
  only('collections');
  only('propagating');
  only('inheritance');
  for (const key of Object.keys(rows('things'))) delete rows('things')[key];
  for (const key of Object.keys(rows('acls')))
    if (!key.startsWith('groups/') && !ids.has(key.split('/')[1] ?? '')) delete rows('acls')[key];
  for (const key of Object.keys(rows('shares'))) delete rows('shares')[key];
  addFallbackTeam(rows('groups'), rows('acls'));
  const [app, token] = [Object.values(rows('apps'))[0], Object.values(rows('tokens'))[0]];
  const service = (state as { domain: { service_user: string } }).domain.service_user;
  for (let slot = 0; slot < slots; slot++) {
    const { appId, token: text } = application(slot);
    rows('apps')[appId] = { ...app, id: appId, name: `Tenure ${slot}`, default_user_id: service };
    const digest = createHash('sha256').update(text).digest('hex');
    rows('tokens')[appId] = { ...token, id: appId, digest, app_id: appId, user_id: service };
  }
  await asked(`${iconikControl}/state`, 'PUT', {}, state);
}

/** The team that `config/tenure.yaml` names as the primary one of leavers; it carries no access. */
function addFallbackTeam(groups: Record<string, Json>, acls: Record<string, Json>): void {
  const like = Object.entries(groups).find(([, group]) => group['name'] === 'Contractors');
  if (like === undefined || Object.values(groups).some((group) => group['name'] === 'Former Members')) return;
  const id = '00000000-0000-4000-8000-0000000000ff';
  groups[id] = { ...like[1], id, name: 'Former Members' };
  acls[`groups/${id}`] = structuredClone(acls[`groups/${like[0]}`] ?? {});
}
