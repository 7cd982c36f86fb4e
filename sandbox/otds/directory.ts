import type { Entity, Members, OtdsState, User } from './model.ts';

/** An entity in its place, with what filters look at: kept until it changes, for that is what takes the time in a large partition. */
type Row<T> = { e: T; gone: boolean; lower: string | null };

/** Name, mail and display name, each between line ends, in lower case: what filters look at. */
export function lowerOf(e: Entity): string {
  return ['', e.name, ...(e.attributes['mail'] ?? []), ...(e.attributes['displayName'] ?? []), '']
    .join('\n')
    .toLowerCase();
}

/** What is looked for: by the entity, and by its texts (each between line ends, in lower case). */
export type Sought<T> = { fits?: (e: T) => boolean; text?: ((lower: string) => boolean) | null };

/** Entities of one kind, found by partition and name, by name alone, or in order of creation. */
export class Shelf<T extends Entity> {
  readonly all: Record<string, T>;
  readonly #byName = new Map<string, Set<string>>();
  /** In order of creation: everybody, and by partition (in lower case). Removed ones stay until enough of them have gone. */
  #order: Row<T>[] = [];
  #byPartition = new Map<string, Row<T>[]>();
  readonly #rows = new Map<string, Row<T>>();
  #gone = 0;

  constructor(all: Record<string, T>) {
    this.all = all;
    for (const e of Object.values(all).sort((a, b) => a.n - b.n)) this.#index(e);
  }

  get(uuid: string): T | undefined {
    return Object.hasOwn(this.all, uuid) ? this.all[uuid] : undefined;
  }

  /** Everybody of that name, whatever the partition; case does not count. */
  named(name: string, partition?: string): T[] {
    const found = [...(this.#byName.get(name.toLowerCase()) ?? [])]
      .map((uuid) => this.get(uuid))
      .filter((e) => e !== undefined);
    return partition === undefined ? found : found.filter((e) => e.partition.toLowerCase() === partition.toLowerCase());
  }

  add(e: T): void {
    this.all[e.uuid] = e;
    this.#index(e);
  }

  remove(e: T): void {
    delete this.all[e.uuid];
    this.#byName.get(e.name.toLowerCase())?.delete(e.uuid);
    const row = this.#rows.get(e.uuid);
    if (row) row.gone = true;
    this.#rows.delete(e.uuid);
    if (++this.#gone > 1000) this.#compact();
  }

  rename(e: T, name: string): void {
    this.#byName.get(e.name.toLowerCase())?.delete(e.uuid);
    e.name = name;
    this.#nameIndex(e);
    this.changed(e);
  }

  /** Its attributes have changed. */
  changed(e: T): void {
    const row = this.#rows.get(e.uuid);
    if (row) row.lower = null;
  }

  /** In order of creation, from after the order number `after`; of one partition, or all. */
  *after(after: number, partition: string | null = null, sought: Sought<T> = {}): Generator<T> {
    const order = partition === null ? this.#order : (this.#byPartition.get(partition.toLowerCase()) ?? []);
    const { fits = () => true, text = null } = sought;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if ((order[mid]?.e.n ?? 0) <= after) low = mid + 1;
      else high = mid;
    }
    for (let i = low; i < order.length; i++) {
      const row = order[i];
      if (row && !row.gone && fits(row.e) && (text === null || text((row.lower ??= lowerOf(row.e))))) yield row.e;
    }
  }

  #compact(): void {
    this.#order = this.#order.filter((row) => !row.gone);
    this.#byPartition = new Map();
    for (const row of this.#order) this.#place(row);
    this.#gone = 0;
  }

  #place(row: Row<T>): void {
    const key = row.e.partition.toLowerCase();
    const list = this.#byPartition.get(key);
    if (list) list.push(row);
    else this.#byPartition.set(key, [row]);
  }

  #index(e: T): void {
    const row: Row<T> = { e, gone: false, lower: null };
    this.#rows.set(e.uuid, row);
    this.#order.push(row);
    this.#place(row);
    this.#nameIndex(e);
  }

  #nameIndex(e: T): void {
    const key = e.name.toLowerCase();
    const uuids = this.#byName.get(key);
    if (uuids) uuids.add(e.uuid);
    else this.#byName.set(key, new Set([e.uuid]));
  }
}

/** Who is in what: the lists of the state, and the sets that make asking fast in both directions. */
export class Membership {
  readonly #lists: Record<string, Members>;
  readonly #inside = new Map<string, Set<string>>();
  readonly #of = new Map<string, Set<string>>();

  constructor(lists: Record<string, Members>) {
    this.#lists = lists;
    for (const [container, list] of Object.entries(lists)) {
      for (const uuid of [...list.users, ...list.groups, ...list.roles]) this.#note(container, uuid);
    }
  }

  list(container: string): Members {
    return this.#lists[container] ?? { users: [], groups: [], roles: [] };
  }

  has(container: string, uuid: string): boolean {
    return this.#inside.get(container)?.has(uuid) ?? false;
  }

  /** The containers that hold `uuid` directly. */
  of(uuid: string): string[] {
    return [...(this.#of.get(uuid) ?? [])];
  }

  /** The containers that hold `uuid` directly or through others. */
  ofDeep(uuid: string): Set<string> {
    const found = new Set<string>();
    const open = this.of(uuid);
    for (let c = open.pop(); c !== undefined; c = open.pop()) {
      if (found.has(c)) continue;
      found.add(c);
      open.push(...this.of(c));
    }
    return found;
  }

  count(container: string): number {
    return this.#inside.get(container)?.size ?? 0;
  }

  add(container: string, kind: keyof Members, uuid: string): void {
    const list = (this.#lists[container] ??= { users: [], groups: [], roles: [] });
    list[kind].push(uuid);
    this.#note(container, uuid);
  }

  remove(container: string, kind: keyof Members, uuid: string): void {
    const list = this.#lists[container];
    if (list) list[kind] = list[kind].filter((u) => u !== uuid);
    this.#inside.get(container)?.delete(uuid);
    this.#of.get(uuid)?.delete(container);
  }

  /** Forgets a container that is empty by now. */
  drop(container: string): void {
    delete this.#lists[container];
    this.#inside.delete(container);
  }

  #note(container: string, uuid: string): void {
    const inside = this.#inside.get(container) ?? new Set();
    this.#inside.set(container, inside.add(uuid));
    const of = this.#of.get(uuid) ?? new Set();
    this.#of.set(uuid, of.add(container));
  }
}

/** The state with everything that makes it fast to ask. One per state; a state that was put back gets a new one. */
export class Directory {
  readonly users: Shelf<User>;
  readonly groups: Shelf<Entity>;
  readonly roles: Shelf<Entity>;
  readonly groupMembers: Membership;
  readonly roleMembers: Membership;

  constructor(state: OtdsState) {
    this.users = new Shelf(state.users);
    this.groups = new Shelf(state.groups);
    this.roles = new Shelf(state.roles);
    this.groupMembers = new Membership(state.members);
    this.roleMembers = new Membership(state.roleMembers);
  }

  static #known = new WeakMap<OtdsState, Directory>();

  static of(state: OtdsState): Directory {
    const known = Directory.#known.get(state) ?? new Directory(state);
    Directory.#known.set(state, known);
    return known;
  }
}
