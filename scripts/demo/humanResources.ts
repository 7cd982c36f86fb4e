/** What the personnel department does: writes to OTDS by its own REST calls. Uses no code of Tenure's. */
import type { LocalJson } from '../../src/local/files.ts';
import { ask, type Json } from './http.ts';

export class HumanResources {
  private readonly otds: LocalJson['otds'];
  private ticket: string | undefined;

  constructor(otds: LocalJson['otds']) {
    this.otds = otds;
  }

  /** A new person in OTDS, in groups. */
  async hire(login: string, values: Record<string, string>, groups: readonly string[]): Promise<void> {
    await this.call('POST', '/users', { userPartitionID: 'staff', name: login, values: listed(values) });
    await this.join(login, groups);
  }

  async join(login: string, groups: readonly string[]): Promise<void> {
    await this.call('POST', `${user(login)}/memberof`, { stringList: groups });
  }

  async drop(login: string, groups: readonly string[]): Promise<void> {
    await this.call('POST', `${user(login)}/memberof/deletionset`, { stringList: groups });
  }

  async set(login: string, values: Record<string, string>): Promise<void> {
    await this.call('PATCH', user(login), { userPartitionID: 'staff', values: listed(values) });
  }

  private async call(method: string, path: string, body?: unknown): Promise<Json> {
    this.ticket ??= await this.login();
    const headers = { OTDSTicket: this.ticket };
    return await ask(`${this.otds.url}/otdsws/rest${path}`, { method, headers, ...(body !== undefined && { body }) });
  }

  private async login(): Promise<string> {
    const { url, user: userName, password } = this.otds;
    const body = { userName, password };
    return (await ask<{ ticket: string }>(`${url}/otdsws/rest/authentication/credentials`, { method: 'POST', body }))
      .ticket;
  }
}

const user = (login: string): string => `/users/${encodeURIComponent(`${login}@staff`)}`;

const listed = (values: Record<string, string>): { name: string; values: string[] }[] =>
  Object.entries(values).map(([name, value]) => ({ name, values: [value] }));
