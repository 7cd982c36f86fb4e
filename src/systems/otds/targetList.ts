import { matchesAny } from '../../domain/entitlement.ts';
import type { CallContext, Listed, Page } from '../port.ts';
import { accessRolesOf } from './accessRoles.ts';
import type { OtdsClient } from './client.ts';
import { otdsError } from './errors.ts';
import { allGroups, eachLimited, indexMemberships, type MembershipIndex } from './memberships.ts';
import { keyOf, type AccessRole, type OtdsObject } from './shapes.ts';
import { actualOf, concerns, NO_GROUPS } from './targetRead.ts';

const PREFIX = 'otds:group/';

/** What is the same for everybody of a pass. The index of who is in which group grows with memberships: OTDS's user list does not tell them. */
type Pass = { entries: string; index: MembershipIndex | undefined; accessRoles: readonly AccessRole[] };

/**
 * All users of the partitions looked after, with what they hold: one call per page of users, and per pass those groups that matter with their members,
 * nested ones included.
 */
export class AccountList {
  private readonly client: OtdsClient;
  private known: Pass | undefined;

  constructor(client: OtdsClient) {
    this.client = client;
  }

  /** Page token: which partition (by its place in the configuration), and OTDS's cookie there. */
  async page(token: string | undefined, interest: readonly string[], { signal }: CallContext): Promise<Page<Listed>> {
    const { client } = this;
    const [place = '0', ...rest] = (token ?? '0').split(' ');
    const partition = client.config.partitions[Number(place)];
    if (partition === undefined) return { items: [] };
    const pass = await this.pass(token === undefined, interest, signal);
    const cookie = rest.length > 0 ? rest.join(' ') : undefined;
    const page = await client.listPage('users', partition, cookie, signal);
    const about = `the users of partition ${partition}`;
    if (page === 'refused' || (page.cookie !== undefined && page.cookie === cookie))
      throw otdsError('OTDS_SCAN_UNSTABLE', { about });
    const last = Number(place) + 1 >= client.config.partitions.length;
    const next = page.cookie !== undefined ? `${place} ${page.cookie}` : last ? undefined : String(Number(place) + 1);
    const items: Listed[] = [];
    for (const user of page.items) items.push(await this.listed(user, pass, interest, signal));
    return { items, ...(next !== undefined && { next }) };
  }

  private async listed(
    user: OtdsObject,
    pass: Pass,
    interest: readonly string[],
    signal: AbortSignal,
  ): Promise<Listed> {
    const groups = pass.index
      ? { direct: pass.index.directGroupsOf(user.uuid), all: pass.index.groupsOf(user.uuid) }
      : NO_GROUPS;
    // Roles cannot be listed by person in one call: where they matter, each person costs one.
    const roles = concerns(interest, 'role') ? await this.client.userRoles(user, signal) : [];
    const actual = actualOf(this.client, user, { groups, roles, accessRoles: pass.accessRoles }, interest);
    return {
      nativeId: user.uuid,
      label: keyOf(user),
      keys: { ...idKey(this.client, user), login: keyOf(user).toLowerCase() },
      actual: { ...actual, warnings: [] },
    };
  }

  private async pass(first: boolean, interest: readonly string[], signal: AbortSignal): Promise<Pass> {
    const entries = interest.join('\n');
    if (!first && this.known?.entries === entries) return this.known;
    const wantsAccess = concerns(interest, 'accessrole');
    const accessRoles = wantsAccess ? await accessRolesOf(this.client, interest, signal) : [];
    const groups = await groupsThatMatter(this.client, interest, accessRoles, signal);
    const index = groups.length > 0 ? await indexMemberships(this.client, signal, groups) : undefined;
    this.known = { entries, index, accessRoles };
    return this.known;
  }
}

/** The groups that `interest` can mean, and those that one of these access roles is given to. One that does not exist is left out. */
async function groupsThatMatter(
  client: OtdsClient,
  interest: readonly string[],
  accessRoles: readonly AccessRole[],
  signal: AbortSignal,
): Promise<OtdsObject[]> {
  const keys = interest.filter((entry) => concerns([entry], 'group'));
  const wide = keys.some((entry) => entry.includes('*'));
  const listed = wide ? await allGroups(client, signal) : [];
  const byRole = accessRoles.flatMap((role) => role.accessRoleMembers.groups ?? []);
  const named = keys.filter((entry) => !entry.includes('*')).map((entry) => entry.slice(PREFIX.length));
  const refs = new Set([...named, ...byRole.flatMap(({ location, name }) => location || name || [])]);
  const asked = await eachLimited([...refs], client.config.limits.concurrent, (ref) => client.group(ref, signal));
  const meant = listed.filter((group) => matchesAny(keys, PREFIX + keyOf(group)));
  return [...meant, ...asked.filter((group) => group !== undefined)];
}

/** The uuid that people have in the directory: OTDS's own, or what came along from another one. */
function idKey(client: OtdsClient, { uuid, originUUID }: OtdsObject): { id?: string } {
  const id = client.ownPeople ? uuid : originUUID?.toLowerCase();
  return id === undefined ? {} : { id };
}
