import type { Entity, Members, OtdsState, User } from './model.ts';

/** Entities of one kind, found by partition and name, by name alone, or in order of creation. */
export class Shelf<T extends Entity> {
  readonly all: Record<string, T>;
  readonly #byName = new Map<string, Set<string>>();
  #order: T[] = [];
  #gone = 0;

  constructor(all: Record<string, T>) {
    this.all = all;
    for (const e of Object.values(all)) this.#index(e);
    this.#order.sort((a, b) => a.n - b.n);
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
    this.#gone++;
  }

  rename(e: T, name: string): void {
    this.#byName.get(e.name.toLowerCase())?.delete(e.uuid);
    e.name = name;
    this.#nameIndex(e);
  }

  /** In order of creation, removed ones possibly among them (see {@link get}); starts after the order number `after`. */
  *after(after: number): Generator<T> {
    if (this.#gone > 1000) this.#compact();
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if ((this.#order[mid]?.n ?? 0) <= after) low = mid + 1;
      else high = mid;
    }
    for (let i = low; i < this.#order.length; i++) {
      const e = this.#order[i];
      if (e && Object.hasOwn(this.all, e.uuid)) yield e;
    }
  }

  #compact(): void {
    this.#order = this.#order.filter((e) => Object.hasOwn(this.all, e.uuid));
    this.#gone = 0;
  }

  #index(e: T): void {
    this.#order.push(e);
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
