import type { Facts } from './policy.ts';
import type { Baseline, Entry, OtdsUser, Values, Write } from './reading.ts';

/** How a person stood from an instant on; undefined: not there. */
export type Moment = { at: string; facts: Facts | undefined };

/** The directory's people over time, replayed from its ledger. */
export class History {
  /** By uuid: how the person stood from each instant on; undefined: not there. */
  readonly people = new Map<string, Moment[]>();
  readonly #groupNames: Map<string, string>;
  readonly #above = new Map<string, string[]>();

  constructor(from: Baseline, ledger: readonly Entry[], tenure: string) {
    const { groups, users, members } = from.otds;
    this.#groupNames = new Map(Object.values(groups).map((g) => [g.uuid, `${g.name}@${g.partition}`]));
    for (const [group, inside] of Object.entries(members))
      for (const child of inside.groups) this.#above.set(child, [...(this.#above.get(child) ?? []), group]);
    const direct = new Map<string, Set<string>>();
    for (const [group, inside] of Object.entries(members))
      for (const user of inside.users) setOf(direct, user).add(group);
    const current = new Map<string, OtdsUser>();
    for (const user of Object.values(users)) {
      if (user.partition === 'otds.admin' || user.partition === 'OAuthClients') continue;
      current.set(user.uuid, { ...user, attributes: { ...user.attributes } });
      this.#note(user.uuid, from.at, current, direct);
    }
    for (const entry of ledger) {
      for (const write of entry.writes) {
        const touched = replay(write, entry.caller === tenure, current, direct);
        if (touched) this.#note(touched, entry.at, current, direct);
      }
    }
  }

  #note(
    uuid: string,
    at: string,
    users: ReadonlyMap<string, OtdsUser>,
    direct: ReadonlyMap<string, Set<string>>,
  ): void {
    const user = users.get(uuid);
    const list = this.people.get(uuid) ?? [];
    this.people.set(uuid, list);
    list.push({ at, facts: user && this.#facts(user, direct.get(uuid) ?? new Set()) });
  }

  #facts(user: OtdsUser, direct: ReadonlySet<string>): Facts {
    const all = new Set<string>();
    const open = [...direct];
    for (let group = open.pop(); group !== undefined; group = open.pop()) {
      if (all.has(group)) continue;
      all.add(group);
      open.push(...(this.#above.get(group) ?? []));
    }
    const values = structuredClone(user.attributes);
    const text = (name: string): string => values[name]?.[0] ?? '';
    return {
      who: `${user.name}@${user.partition}`,
      mail: text('mail').toLowerCase(),
      given: text('givenName'),
      family: text('sn'),
      display: text('displayName'),
      values,
      groups: new Set([...all].map((g) => this.#groupNames.get(g) ?? g)),
      disabled: text('accountDisabled') === 'true',
    };
  }
}

function setOf(map: Map<string, Set<string>>, key: string): Set<string> {
  const set = map.get(key) ?? new Set<string>();
  map.set(key, set);
  return set;
}

/** Brings one write of OTDS into the picture; answers whom it concerns. What Tenure itself closes or opens is not the directory's word. */
function replay(
  write: Write,
  byTenure: boolean,
  users: Map<string, OtdsUser>,
  direct: Map<string, Set<string>>,
): string | undefined {
  if (write.object === 'user') {
    if (byTenure) return undefined;
    if (write.after === null) users.delete(write.id);
    else if (write.before === null) {
      const { name, userPartitionID, description: _d, ...attributes } = write.after;
      users.set(write.id, {
        uuid: write.id,
        name: String(name),
        partition: String(userPartitionID),
        attributes: attributes as Values,
      });
    } else Object.assign(users.get(write.id)?.attributes ?? {}, write.after);
    return write.id;
  }
  if (write.object !== 'membership') return undefined;
  const [group = '', member = ''] = write.id.split('/');
  if (write.after === null) setOf(direct, member).delete(group);
  else setOf(direct, member).add(group);
  return users.has(member) ? member : undefined;
}
