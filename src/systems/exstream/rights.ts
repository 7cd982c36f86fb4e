import type { AccountRef, CallContext } from '../port.ts';
import { keyOf } from './carriers.ts';
import type { Exstream } from './context.ts';
import { sharedDomains } from './context.ts';
import { exstreamError } from './errors.ts';
import { mayLogIn, seePerson, type Seen } from './people.ts';
import { same, type GroupRole, type RolePermissions } from './shapes.ts';

/** One role somebody really has in a domain. */
export type Right = {
  /** `exstream:role/<role>@<domain>`. */
  key: string;
  role: string;
  domain: string;
  group: string;
  /** `direct`: by the group configured to carry it, so it can be taken away; `group`: by another group that has the role too. */
  how: 'direct' | 'group';
};

/** What somebody can really do, for proofs of least privilege. */
export type EffectiveRights = {
  mayLogIn: boolean;
  rights: readonly (Right & {
    /** What Exstream says the group may do there, by object type; undefined: it does not say. */
    permissions: readonly { objectType: string; permissions: string }[] | undefined;
  })[];
};

/** Group-roles of these domains. Those without a client of their own cost one request together. */
export async function groupRolesIn(
  ex: Exstream,
  domains: readonly string[],
  call: CallContext,
): Promise<readonly GroupRole[]> {
  const shared = sharedDomains(ex).filter((domain) => domains.includes(domain));
  const own = domains.filter((domain) => !shared.includes(domain));
  const [only] = shared;
  const lists = await Promise.all([
    ...(only === undefined ? [] : [ex.design.groupRoles(shared.length === 1 ? only : undefined, call)]),
    ...own.map((domain) => ex.designIn(domain).groupRoles(domain, call)),
  ]);
  return lists.flat().filter((row) => domains.includes(row.domain.id));
}

/** The roles of somebody, each once: by its carrying group where the person is in it, else by any other. */
export function rightsOf(ex: Exstream, { groups }: Seen, rows: readonly GroupRole[]): Right[] {
  const found = new Map<string, Right>();
  for (const row of rows) {
    if (!groups.some((group) => same(group, row.group))) continue;
    const how = ex.carriers.carries(row) ? 'direct' : 'group';
    const key = keyOf(row.roleName, row.domain.id);
    if (how === 'direct' || !found.has(key))
      found.set(key, { key, role: row.roleName, domain: row.domain.id, group: row.group, how });
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** What Exstream itself says that the right permits: the independent read-back of a group-role. */
export async function permissionsOf(
  ex: Exstream,
  { role, domain, group }: Right,
  call: CallContext,
): Promise<readonly RolePermissions[] | undefined> {
  const all = await ex.designIn(domain).effectivePermissions(domain, group, call);
  return all?.filter((row) => row.roleName === role);
}

/** Everything a person may do in the configured domains, whichever group it comes by. */
export async function effectiveRights(ex: Exstream, account: AccountRef, call: CallContext): Promise<EffectiveRights> {
  const [seen, rows] = await Promise.all([
    seePerson(ex, account, call),
    groupRolesIn(ex, Object.keys(ex.config.domains), call),
  ]);
  if (!seen) throw exstreamError('EXSTREAM_NO_PERSON', { about: account.person.who });
  const rights = rightsOf(ex, seen, rows).map(async (right) => {
    const rows = await permissionsOf(ex, right, call);
    const permissions = rows?.map((row) => ({ objectType: row.objectType, permissions: row.permissions ?? '' }));
    return { ...right, permissions };
  });
  return { mayLogIn: mayLogIn(seen), rights: await Promise.all(rights) };
}
