import type { OtdsBench } from './otdsStandIn.ts';

/** Edits as the personnel department makes them: OTDS's own REST. */
export class Hr {
  private readonly otds: OtdsBench;

  constructor(otds: OtdsBench) {
    this.otds = otds;
  }

  async hire(who: string, values: Record<string, string>, groups: readonly string[] = []): Promise<void> {
    const at = who.lastIndexOf('@');
    const body = { userPartitionID: who.slice(at + 1), name: who.slice(0, at), values: listed(values) };
    await this.otds.admin('POST', '/users', body);
    if (groups.length > 0) await this.join(who, ...groups);
  }
  async set(who: string, values: Record<string, string>): Promise<void> {
    await this.otds.admin('PATCH', `/users/${encodeURIComponent(who)}`, {
      userPartitionID: who.slice(who.lastIndexOf('@') + 1),
      values: listed(values),
    });
  }
  async join(who: string, ...groups: string[]): Promise<void> {
    await this.otds.admin('POST', `/users/${encodeURIComponent(who)}/memberof`, { stringList: groups });
  }
  async drop(who: string, ...groups: string[]): Promise<void> {
    await this.otds.admin('POST', `/users/${encodeURIComponent(who)}/memberof/deletionset`, { stringList: groups });
  }
  async remove(who: string): Promise<void> {
    await this.otds.admin('DELETE', `/users/${encodeURIComponent(who)}`);
  }
}

const listed = (values: Record<string, string>) =>
  Object.entries(values).map(([name, value]) => ({ name, values: [value] }));
