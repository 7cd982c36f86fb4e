/** What the personnel department and an outside observer do: write to OTDS by its own REST calls, and read the stand-ins' own state. Uses no code of Tenure's. */
import type { LocalJson } from '../../src/local/files.ts';

export type SeenOnIconik = { status: string; teams: string[]; roles: string[] } | undefined;

export class HumanResources {
  private readonly config: LocalJson;
  private ticket: string | undefined;

  constructor(config: LocalJson) {
    this.config = config;
  }

  /** A new person in OTDS, in groups. */
  async hire(login: string, values: Record<string, string>, groups: readonly string[]): Promise<void> {
    const list = Object.entries(values).map(([name, value]) => ({ name, values: [value] }));
    await this.call('POST', '/users', { userPartitionID: 'staff', name: login, values: list });
    await this.join(login, groups);
  }

  async join(login: string, groups: readonly string[]): Promise<void> {
    await this.call('POST', `/users/${encodeURIComponent(`${login}@staff`)}/memberof`, { stringList: groups });
  }

  async drop(login: string, group: string): Promise<void> {
    await this.call('POST', `/groups/${encodeURIComponent(group)}/members/deletionset`, {
      stringList: [`${login}@staff`],
    });
  }

  async set(login: string, values: Record<string, string>): Promise<void> {
    const list = Object.entries(values).map(([name, value]) => ({ name, values: [value] }));
    await this.call('PATCH', `/users/${encodeURIComponent(`${login}@staff`)}`, {
      userPartitionID: 'staff',
      values: list,
    });
  }

  /** Is the account disabled in OTDS? */
  async disabled(login: string): Promise<boolean> {
    const user = await this.call('GET', `/users/${encodeURIComponent(`${login}@staff`)}`);
    const values = (user['values'] ?? []) as { name: string; values: string[] }[];
    return values.find((v) => v.name === 'accountDisabled')?.values[0]?.toLowerCase() === 'true';
  }

  /** What iconik itself says of an e-mail address. */
  async onIconik(email: string): Promise<SeenOnIconik> {
    const found = await this.iconik(`/API/users/v1/users/?email=${encodeURIComponent(email)}`);
    const user = (found['objects'] as { id: string }[])[0];
    if (!user) return undefined;
    const full = await this.iconik(`/API/users/v1/users/${user.id}/`);
    const named = async (kind: string, ids: unknown): Promise<string[]> => {
      const all = (await this.iconik(`/API/users/v1/${kind}/?per_page=100`))['objects'] as {
        id: string;
        name: string;
      }[];
      return all
        .filter((g) => (ids as string[]).includes(g.id))
        .map((g) => g.name)
        .sort();
    };
    return {
      status: String(full['status']),
      teams: await named('teams', full['teams']),
      roles: await named('role_groups', full['role_groups']),
    };
  }

  private async call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    this.ticket ??= await this.login();
    const reply = await fetch(`${this.config.otds.url}/otdsws/rest${path}`, {
      method,
      headers: { 'content-type': 'application/json', OTDSTicket: this.ticket },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`OTDS answered ${reply.status} to ${method} ${path}: ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  }

  private async login(): Promise<string> {
    const reply = await fetch(`${this.config.otds.url}/otdsws/rest/authentication/credentials`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userName: this.config.otds.user, password: this.config.otds.password }),
    });
    if (!reply.ok) throw new Error(`OTDS refused the login: ${reply.status}`);
    return ((await reply.json()) as { ticket: string }).ticket;
  }

  private async iconik(path: string): Promise<Record<string, unknown>> {
    const { iconik } = this.config;
    if (iconik === undefined) throw new Error('This local system runs without iconik.');
    const reply = await fetch(`${iconik.url}${path}`, {
      headers: { 'App-ID': iconik.appId, 'Auth-Token': iconik.authToken },
    });
    if (!reply.ok) throw new Error(`iconik answered ${reply.status} to GET ${path}`);
    return (await reply.json()) as Record<string, unknown>;
  }
}
