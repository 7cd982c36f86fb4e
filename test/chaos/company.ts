/** What HR does in OTDS, through its REST interface as another administrator. */
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
  return text === '' ? {} : (JSON.parse(text) as Json); // every reply of the stand-ins is an object
}

/** A person that the driver plays with. */
export type Hire = { login: string; partition: string; given: string; family: string; mail: string };
export const whoIs = (p: Pick<Hire, 'login' | 'partition'>): string => `${p.login}@${p.partition}`;

/** Directory attributes by the mapping of tenure.yaml. */
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

  async uuid(p: Hire): Promise<string> {
    return String((await this.#call('GET', `/users/${encodeURIComponent(whoIs(p))}`))['uuid']);
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
