import type { CallContext } from '../port.ts';
import type { AccessModelOf } from './accessModel.ts';
import { path, type IconikClient } from './client.ts';
import { iconikError } from './errors.ts';
import { collectionReply, groupReply, type Collection, type Group } from './replies.ts';

/** `group`: of the legacy access model, where one kind of group is team and role group in one. */
export type GroupKind = 'team' | 'roles' | 'group';

/** Names of teams, role groups and collections and their ids, in both directions, at one moment. Names need not be unique in iconik. */
export type Catalog = {
  model: 'simplified' | 'legacy';
  /** By id. In a legacy domain: its groups, and no role groups. */
  teams: ReadonlyMap<string, Group>;
  roles: ReadonlyMap<string, Group>;
};

/** Where each kind of group lives below `/API/users/v1/`. */
export const COLLECTION: Readonly<Record<GroupKind, string>> = {
  team: 'teams',
  roles: 'role_groups',
  group: 'groups',
};

export type PathedCollection = Collection & { path: string };

/** Teams, role groups and collections of the domain, remembered for a while; a name or id that is missing is looked up at once. */
export class Catalogs {
  private readonly client: IconikClient;
  private readonly model: AccessModelOf;
  private groupsAt: { catalog: Catalog; readAt: number } | undefined;
  private collectionsAt: { items: readonly PathedCollection[]; readAt: number } | undefined;

  constructor(client: IconikClient, model: AccessModelOf) {
    this.client = client;
    this.model = model;
  }

  /** Teams and role groups; `needs` are ids that must be in it, or it is read again once. */
  async groups(call: CallContext, needs: readonly string[] = []): Promise<Catalog> {
    const known = this.groupsAt;
    const young = known && performance.now() - known.readAt < this.client.choices.catalogMs;
    const fresh = young && known.catalog.model === (await this.model.get(call));
    if (fresh && needs.every((id) => known.catalog.teams.has(id) || known.catalog.roles.has(id))) return known.catalog;
    return await this.readGroups(call);
  }

  /**
   * The one team or role group of that name, confirmed by id: a group renamed since the last look must not receive what its old name is due.
   * Throws ICONIK_UNKNOWN_TEAM, ICONIK_AMBIGUOUS_NAME.
   */
  async groupNamed(kind: GroupKind, name: string, call: CallContext): Promise<Group> {
    const known = named(await this.groups(call), kind, name);
    const [only] = known;
    if (known.length === 1 && only && (await this.nameNow(kind, only.id, call)) === name) return only;
    const again = named(await this.readGroups(call), kind, name);
    const [found] = again;
    if (!found) throw iconikError('ICONIK_UNKNOWN_TEAM', { about: name });
    if (again.length > 1) throw iconikError('ICONIK_AMBIGUOUS_NAME', { about: name });
    return found;
  }

  /** False where the group bears another name by now; names are then looked up again. */
  async stillNamed(kind: GroupKind, group: Group, call: CallContext): Promise<boolean> {
    const now = await this.nameNow(kind, group.id, call);
    if (now === undefined || now === group.name) return true;
    this.groupsAt = undefined;
    return false;
  }

  /** The one team of that name; undefined where there is none or more than one. */
  async findTeam(name: string, call: CallContext): Promise<Group | undefined> {
    const cached = named(await this.groups(call), 'team', name);
    const found = cached.length > 0 ? cached : named(await this.readGroups(call), 'team', name);
    return found.length === 1 ? found[0] : undefined;
  }

  /** Every collection outside the recycle bin with its path of titles from the root. `fresh`: read again, for a walk that must miss none. */
  async collections(call: CallContext, fresh: boolean): Promise<readonly PathedCollection[]> {
    const known = this.collectionsAt;
    if (!fresh && known && performance.now() - known.readAt < this.client.choices.catalogMs) return known.items;
    const readAt = performance.now();
    const all = await this.client.all('/API/assets/v1/collections/', collectionReply, call, {
      sort: 'date_created,asc',
    });
    const items = withPaths(all.filter((c) => c.status !== 'DELETED'));
    this.collectionsAt = { items, readAt };
    return items;
  }

  /** Collections at that path (titles may repeat), looked up again where none is known. */
  async collectionsAtPath(wanted: string, call: CallContext): Promise<readonly PathedCollection[]> {
    const known = (await this.collections(call, false)).filter((c) => c.path === wanted);
    if (known.length > 0) return known;
    return (await this.collections(call, true)).filter((c) => c.path === wanted);
  }

  private async readGroups(call: CallContext): Promise<Catalog> {
    const readAt = performance.now();
    const model = await this.model.get(call);
    const catalog = model === 'simplified' ? await this.readSimplified(call) : await this.readLegacy(call);
    this.groupsAt = { catalog, readAt };
    return catalog;
  }

  private async readSimplified(call: CallContext): Promise<Catalog> {
    const order = { sort: 'date_created,asc' };
    const [teams, roles] = await Promise.all([
      this.client.all('/API/users/v1/teams/', groupReply, call, order),
      this.client.all('/API/users/v1/role_groups/', groupReply, call, order),
    ]);
    return { model: 'simplified', teams: byId(teams), roles: byId(roles) };
  }

  private async readLegacy(call: CallContext): Promise<Catalog> {
    const groups = await this.client.all('/API/users/v1/groups/', groupReply, call, { sort: 'date_created,asc' });
    return { model: 'legacy', teams: byId(groups), roles: new Map() };
  }

  private async nameNow(kind: GroupKind, id: string, call: CallContext): Promise<string | undefined> {
    const at = path`/API/users/v1/${COLLECTION[kind]}/${id}/`;
    return (await this.client.lookUp(at, groupReply, call))?.name;
  }
}

/** Groups of that name and kind. */
function named(catalog: Catalog, kind: GroupKind, name: string): Group[] {
  return [...(kind === 'roles' ? catalog.roles : catalog.teams).values()].filter((group) => group.name === name);
}

function byId(groups: readonly Group[]): Map<string, Group> {
  return new Map(groups.map((group) => [group.id, group]));
}

/** A collection's path is its titles from the root, joined by `/`; one whose parent is not visible starts there. */
function withPaths(collections: readonly Collection[]): PathedCollection[] {
  const byOwnId = new Map(collections.map((c) => [c.id, c]));
  const pathOf = (collection: Collection, seen: readonly string[]): string => {
    const parent = collection.parent_id ? byOwnId.get(collection.parent_id) : undefined;
    if (!parent || seen.includes(parent.id)) return collection.title;
    return `${pathOf(parent, [...seen, parent.id])}/${collection.title}`;
  };
  return collections.map((c) => ({ ...c, path: pathOf(c, [c.id]) }));
}
