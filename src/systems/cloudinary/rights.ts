import type { CallContext } from '../port.ts';
import type { Cloudinary } from './context.ts';
import { cloudinaryError } from './errors.ts';
import { enteredBy } from './environments.ts';
import { userById } from './find.ts';
import { groupsOf } from './groups.ts';
import { inspect } from './inspect.ts';
import { path } from './plane.ts';
import { roleDetailReply, type HeldRole } from './replies.ts';

/** What somebody can do at one place, as the short names of Cloudinary's policies (`add_assets`), and by whose role. */
export type Allowed = { may: readonly string[]; by: readonly string[] };

export type EffectiveRights = {
  /** Cloud names of environments that the user really gets into: assigned, and with a role that opens the Media Library. */
  enters: readonly string[];
  /** Account role that needs no other right; then nothing else is listed. */
  everything?: string;
  /** By cloud name: policies in force in the whole environment. */
  environments: Readonly<Record<string, Allowed>>;
  /** By `<cloud>/<path>`: folders on which anything is allowed, by roles set there or above. */
  folders: Readonly<Record<string, Allowed>>;
  /** By `<cloud>/<collection id>`. */
  collections: Readonly<Record<string, Allowed>>;
};

type Source = { role: HeldRole; by: string };

const nothing: EffectiveRights = { enters: [], environments: {}, folders: {}, collections: {} };

/**
 * Effective access of one user, computed from `inspect` as contract section 5 and 6 say: roles of their own and of their groups, folder roles reach down
 * the tree, nothing counts before the account is open and the environment is entered. For proofs of least privilege; throws `SystemError`.
 */
export async function effectiveRights(
  cloudinary: Cloudinary,
  userId: string,
  call: CallContext,
): Promise<EffectiveRights> {
  const { client, catalog } = cloudinary;
  const user = await userById(client, userId, call);
  if (!user) throw cloudinaryError('CLOUDINARY_ACCOUNT_GONE');
  if (user.enabled === false || user.pending === true) return nothing;
  if (user.role && client.choices.adminRoles.includes(user.role)) return { ...nothing, everything: user.role };
  const sources = await sourcesOf(cloudinary, userId, call);
  const policies = await policiesOf(cloudinary, sources, call);
  const { ids } = await enteredBy(cloudinary, user, call);
  const rights = {
    enters: new Array<string>(),
    environments: new Map<string, Allowed>(),
    folders: new Map<string, Allowed>(),
    collections: new Map<string, Allowed>(),
  };
  for (const { id, cloud_name: cloud } of (await catalog.environments(call, ids)).filter((one) =>
    ids.includes(one.id),
  )) {
    const here = sources.filter(({ role }) => role.scope_id === id || role.scope_id === 'all');
    const whole = allowed(
      here.filter(({ role }) => !parameterOf(role)),
      policies,
    );
    if (!whole?.may.some((policy) => policy === client.choices.entryPolicy)) continue;
    rights.enters.push(cloud);
    rights.environments.set(cloud, whole);
    const tree = (await cloudinary.folders.freshTree(cloud, call)) ?? new Map<string, string>();
    for (const where of tree.values()) {
      const above = here.filter(({ role }) => reaches(tree, role, where));
      note(rights.folders, `${cloud}/${where}`, allowed(above, policies));
    }
    for (const collection of new Set(here.flatMap(({ role }) => role.parameters['collection_id'] ?? []))) {
      const on = here.filter(({ role }) => role.parameters['collection_id'] === collection);
      note(rights.collections, `${cloud}/${collection}`, allowed(on, policies));
    }
  }
  return {
    enters: rights.enters,
    environments: Object.fromEntries(rights.environments),
    folders: Object.fromEntries(rights.folders),
    collections: Object.fromEntries(rights.collections),
  };
}

async function sourcesOf(cloudinary: Cloudinary, userId: string, call: CallContext): Promise<Source[]> {
  const groups = (await groupsOf(cloudinary, userId, call)) ?? [];
  const principals = [
    { type: 'user' as const, id: userId },
    ...groups.map(({ id }) => ({ type: 'group' as const, id })),
  ];
  return (await inspect(cloudinary, principals, call)).flatMap(({ principal, roles }) => {
    const group = groups.find(({ id }) => principal.type === 'group' && id === principal.id);
    return roles.map((role) => ({ role, by: group ? `group ${group.name}` : 'direct' }));
  });
}

/** Role id → short names of its policies; a role that tells none stands under its own id. */
async function policiesOf(
  { client }: Cloudinary,
  sources: readonly Source[],
  call: CallContext,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ids = [...new Set(sources.map(({ role }) => role.id))];
  const entries = ids.map(async (id): Promise<[string, string[]]> => {
    const { data } = await client.account.get(client.v2(path`/roles/${id}`), roleDetailReply, call);
    const short = (data.policies ?? []).map((policy) => shortPolicy(policy.id));
    return [id, short.length > 0 ? short : [id]];
  });
  return new Map(await Promise.all(entries));
}

/** `add_assets` of `cld::policy::content::folder::add_assets`, `ml::access` of `cld::policy::global::ml::access`. */
function shortPolicy(id: string): string {
  return id.replace(/^cld::policy::(content::[^:]+|global|account)::/, '');
}

function parameterOf(role: HeldRole): string | undefined {
  return Object.keys(role.parameters)[0];
}

function reaches(tree: ReadonlyMap<string, string>, role: HeldRole, where: string): boolean {
  const set = tree.get(role.parameters['folder_id'] ?? '');
  return set !== undefined && (where === set || where.startsWith(`${set}/`));
}

function allowed(sources: readonly Source[], policies: ReadonlyMap<string, readonly string[]>): Allowed | undefined {
  if (sources.length === 0) return undefined;
  const may = sources.flatMap(({ role }) => policies.get(role.id) ?? []);
  return { may: [...new Set(may)].sort(), by: [...new Set(sources.map(({ by }) => by))].sort() };
}

function note(into: Map<string, Allowed>, place: string, what: Allowed | undefined): void {
  if (what) into.set(place, what);
}
