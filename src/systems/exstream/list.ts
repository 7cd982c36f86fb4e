import { SystemError } from '../errors.ts';
import { entriesOf } from '../otds/accessRoles.ts';
import { lookedAfter } from '../otds/attributes.ts';
import type { OtdsClient } from '../otds/client.ts';
import { eachLimited, usersInside } from '../otds/memberships.ts';
import { keyOf, splitKey } from '../otds/shapes.ts';
import type { AccessRole, AccessRoleMember, OtdsObject } from '../otds/shapes.ts';
import type { CallContext, Listed, Page } from '../port.ts';
import { domainsIn } from './carriers.ts';
import { PAGE_SIZE } from './choices.ts';
import type { Exstream } from './context.ts';
import { exstreamError, viaOtds } from './errors.ts';
import { seenAs, type Seen } from './people.ts';
import { actualOf } from './readPerson.ts';
import { groupRolesIn, rightsOf } from './rights.ts';
import type { GroupRole } from './shapes.ts';

/** Everybody of Exstream by uuid, in its order, and the rows that their rights follow from. */
type Pass = { interest: string; people: readonly Seen[]; rows: readonly GroupRole[] };

/**
 * Everybody with an account's worth of Exstream: in a group that has a role in a domain that matters, or let in by name or group. Whole partitions that
 * the access role lets in are no people of Exstream by that alone. One scan of those groups with the first page; the index grows with these people.
 */
export class AccountList {
  private readonly ex: Exstream;
  private known: Pass | undefined;

  constructor(ex: Exstream) {
    this.ex = ex;
  }

  /** Page token: uuid of the last account given; a process that has not scanned yet goes on from there. */
  async page(after: string | undefined, interest: readonly string[], call: CallContext): Promise<Page<Listed>> {
    const { people, rows } = await this.pass(after === undefined, interest, call);
    const rest = after === undefined ? people : people.filter(({ user }) => user.uuid > after);
    const items = rest.slice(0, PAGE_SIZE).map((seen) => this.listed(seen, rows, interest));
    const last = items.at(-1)?.nativeId;
    return { items, ...(rest.length > PAGE_SIZE && last !== undefined ? { next: last } : {}) };
  }

  private listed(seen: Seen, rows: readonly GroupRole[], interest: readonly string[]): Listed {
    const { user } = seen;
    const actual = actualOf(seen, rightsOf(this.ex, seen, rows), interest);
    return {
      nativeId: user.uuid,
      label: keyOf(user),
      keys: { id: user.uuid, login: keyOf(user).toLowerCase() },
      actual,
    };
  }

  private async pass(first: boolean, interest: readonly string[], call: CallContext): Promise<Pass> {
    const entries = interest.join('\n');
    if (!first && this.known?.interest === entries) return this.known;
    const rows = await groupRolesIn(this.ex, domainsIn(interest, Object.keys(this.ex.config.domains)), call);
    const people = await viaOtds(scan(this.ex, rows, call.signal));
    this.known = { interest: entries, people, rows };
    return this.known;
  }
}

async function scan(ex: Exstream, rows: readonly GroupRole[], signal: AbortSignal): Promise<Seen[]> {
  const { client } = ex.otds;
  const { accessRole } = ex.config;
  const { concurrent } = client.config.limits;
  const role = await client.accessRole(accessRole, signal);
  if (!role) throw exstreamError('EXSTREAM_NO_ACCESS_ROLE', { about: accessRole });
  const index = new Index();
  const names = [...new Map(rows.map(({ group }) => [group.toLowerCase(), group])).values()];
  await eachLimited(names, concurrent, async (name) => {
    const group = groupCalled(name);
    for (const user of group ? await membersOf(client, group, signal) : []) index.add(user, 'direct', group);
  });
  for (const member of role.accessRoleMembers.groups ?? []) {
    const group = await client.group(refOf(member), signal);
    for (const user of group ? await usersInside(client, group, signal) : []) index.add(user, 'above', group);
  }
  const users = await withNamed(client, role, index.users(), signal);
  const mine = users.filter((user) => lookedAfter(client.config, user.userPartitionID) !== undefined);
  const people = await eachLimited(mine, concurrent, async (user) => {
    const roles = (role.accessRoleMembers.roles ?? []).length > 0 ? await client.userRoles(user, signal) : [];
    return seenAs(user, role, index.groupsOf(user), roles);
  });
  return people.sort((a, b) => (a.user.uuid < b.user.uuid ? -1 : 1));
}

/** As far as its members can be asked for by it: a request for the group itself would tell nothing more. */
function groupCalled(name: string): OtdsObject | undefined {
  const key = splitKey(name);
  return key && { name: key.name, userPartitionID: key.partition, uuid: '', id: '', location: '' };
}

/** Direct members; none where OTDS has no such group (a group-role outlives its group). */
async function membersOf(client: OtdsClient, group: OtdsObject, signal: AbortSignal): Promise<readonly OtdsObject[]> {
  try {
    return (await client.members(group, signal)).users;
  } catch (error) {
    if (error instanceof SystemError && error.code === 'OTDS_NOT_FOUND') return [];
    throw error;
  }
}

/** Who is in which of the groups that were looked at. */
class Index {
  private readonly found = new Map<string, { user: OtdsObject; direct: OtdsObject[]; all: OtdsObject[] }>();

  add(user: OtdsObject, how: 'direct' | 'above', group: OtdsObject | undefined): void {
    const entry = this.found.get(user.uuid) ?? { user, direct: [], all: [] };
    this.found.set(user.uuid, entry);
    if (!group) return;
    entry.all.push(group);
    if (how === 'direct') entry.direct.push(group);
  }

  users(): OtdsObject[] {
    return [...this.found.values()].map(({ user }) => user);
  }

  groupsOf({ uuid }: OtdsObject): { direct: readonly OtdsObject[]; all: readonly OtdsObject[] } {
    return this.found.get(uuid) ?? { direct: [], all: [] };
  }
}

/** With those whom only the access role names. Members may come without attributes (a choice of OTDS): then each is asked for. */
async function withNamed(
  client: OtdsClient,
  role: AccessRole,
  users: readonly OtdsObject[],
  signal: AbortSignal,
): Promise<OtdsObject[]> {
  const known = new Set(users.flatMap((user) => entriesOf(role, user)));
  const named = (role.accessRoleMembers.users ?? []).filter((member) => !known.has(member));
  const refs = named.map(refOf).filter((ref) => ref !== '');
  const bare = users.filter((user) => (user.values ?? []).length === 0);
  const asked = await eachLimited([...refs, ...bare.map(keyOf)], client.config.limits.concurrent, (ref) =>
    client.user(ref, signal),
  );
  const whole = users.filter((user) => (user.values ?? []).length > 0);
  return [...whole, ...asked.filter((user) => user !== undefined)];
}

const refOf = (member: AccessRoleMember): string => member.location ?? member.name ?? '';
