/**
 * Judges what a seed left behind. Imports nothing of the product: it reads the stand-ins' `/state` and `/ledger`, holds the example policy as a table
 * of its own, and knows the decisions because the driver gave them. The directory's history is replayed from the OTDS stand-in's own ledger.
 */
import { isDeepStrictEqual } from 'node:util';

/** What people said, and from when a privileged thing is demanded anew. `at`: ISO, just before it was said. */
export type Given =
  | { who: string; kind: 'depart'; urgent: boolean; at: string }
  | { who: string; kind: 'withdraw'; at: string }
  | { who: string; kind: 'demand'; demand: number; at: string }
  | { who: string; kind: 'approve' | 'reject'; demand: number; at: string };

type Json = Record<string, unknown>;
type Write = { object: string; id: string; before: Json | null; after: Json | null };
type Entry = { seq: number; at: string; caller: string; writes: Write[] };
type Values = Record<string, string[]>;
type OtdsUser = { uuid: string; name: string; partition: string; attributes: Values };
type Named = { uuid: string; name: string; partition: string };
type OtdsState = {
  users: Record<string, OtdsUser>;
  groups: Record<string, Named>;
  members: Record<string, { users: string[]; groups: string[] }>;
  accessRoles: Record<string, { members: { users: string[]; groups: string[] } }>;
};
type IconikUser = {
  id: string;
  email: string;
  first_name: string;
  last_name: string;
  type: string;
  status: string;
  groups: string[];
};
type Rows = Record<string, { users: Record<string, unknown> }>;
type IconikState = {
  users: Record<string, IconikUser>;
  groups: Record<string, { id: string; kind: string; name: string }>;
  acls: Rows;
  propagating: Rows;
};

export type Addresses = { otds: string; iconik: string };
export type Callers = { otds: string; iconik: string };
export type Baseline = { otds: OtdsState; iconik: IconikState; otdsSeq: number; iconikSeq: number; at: string };

// ---- the example policy, as a table ----

type Facts = {
  who: string;
  mail: string;
  given: string;
  family: string;
  values: Values;
  groups: Set<string>;
  disabled: boolean;
};
type Rule = { when: (f: Facts) => boolean; grants: (f: Facts) => string[] };

const one = (f: Facts, name: string): string => f.values[name]?.[0]?.trim() ?? '';
const type = (f: Facts): string => one(f, 'oTExtraAttr0');
const [department, region, unit] = ['oTDepartment', 'oTExtraAttr3', 'oTExtraAttr4'].map((name) => (f: Facts) => one(f, name)) as [
  (f: Facts) => string, (f: Facts) => string, (f: Facts) => string,
]; // prettier-ignore
const employee = (f: Facts): boolean => type(f) === 'employee';
const inGroup = (group: string) => (f: Facts) => f.groups.has(group);
const USERS = ['Marketing Editors@staff', 'Post Production@staff', 'Legal Review@staff'];
const ADMIN = 'iconik:roles/Media Library Admin';

const POLICY: Rule[] = [
  {
    when: (f) => employee(f) && f.groups.has('Marketing Editors@staff'),
    grants: () => ['iconik:team/Marketing', 'iconik:roles/Reviewer'],
  },
  {
    when: (f) => employee(f) && f.groups.has('Post Production@staff'),
    grants: () => ['iconik:team/Post Production', 'iconik:roles/Editor'],
  },
  {
    when: (f) => employee(f) && f.groups.has('Legal Review@staff'),
    grants: () => ['iconik:team/Legal', 'iconik:roles/Approver'],
  },
  {
    when: (f) =>
      employee(f) &&
      ['Marketing', 'Post', 'Legal'].includes(department(f)) &&
      ['EMEA', 'Americas', 'APAC'].includes(region(f)),
    grants: (f) => [`iconik:team/${department(f)} ${region(f)}`],
  },
  {
    when: (f) => employee(f) && ['Brand', 'Trailers', 'Rights'].includes(unit(f)),
    grants: (f) => [`iconik:team/Unit ${unit(f)}`],
  },
  { when: inGroup('Project Aurora@staff'), grants: () => ['iconik:team/Project Aurora'] },
  {
    when: (f) => type(f) === 'contractor' && f.groups.has('Agency Editors@contractors'),
    grants: () => ['iconik:team/Contractors', 'iconik:roles/Viewer'],
  },
  {
    when: (f) => USERS.some((g) => f.groups.has(g)),
    grants: () => ['otds:group/Media Library Users@staff', 'otds:accessrole/Access to Media Portal'],
  },
  { when: inGroup('Media Admins@staff'), grants: () => [ADMIN] },
];
const OUTPUT_GROUP = 'Media Library Users@staff';
const PORTAL = 'Access to Media Portal';
/** Held without being the policy's to give or take. */
const OTHERS = ['team/Everyone', 'team/Former Members', 'roles/Administrator', 'roles/Tenure Service'];

// ---- reading ----

async function get<T>(url: string): Promise<T> {
  const reply = await fetch(url);
  if (!reply.ok) throw new Error(`GET ${url}: ${reply.status}`);
  return (await reply.json()) as T; // the control contract
}

/** How things stand before anything happens. */
export async function baseline(controls: Addresses): Promise<Baseline> {
  const last = async (url: string) => (await get<{ next: number }>(`${url}/ledger`)).next;
  return {
    otds: await get<OtdsState>(`${controls.otds}/state`),
    iconik: await get<IconikState>(`${controls.iconik}/state`),
    otdsSeq: await last(controls.otds),
    iconikSeq: await last(controls.iconik),
    at: new Date().toISOString(),
  };
}

async function entries(control: string, since: number): Promise<Entry[]> {
  return (await get<{ entries: Entry[] }>(`${control}/ledger?since=${since}`)).entries;
}

const LOGINS = ['ticket', 'token'];
const writesOf = (all: readonly Entry[], caller: string): (Write & { at: string; seq: number })[] =>
  all
    .filter((e) => e.caller === caller)
    .flatMap((e) => e.writes.filter((w) => !LOGINS.includes(w.object)).map((w) => ({ ...w, at: e.at, seq: e.seq })));

// ---- the history of the directory ----

type Moment = { at: string; facts: Facts | undefined };

class History {
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

// ---- what is due ----

const DAY_MS = 86_400_000;
/** A bare date means 00:00 UTC of that day for a start, of the day after for an end. */
const instant = (text: string, end: boolean): number => Date.parse(text) + (end && text.length === 10 ? DAY_MS : 0);

class Person {
  readonly uuid: string;
  readonly moments: readonly Moment[];
  readonly last: Facts;
  readonly said: readonly Given[];

  constructor(uuid: string, moments: readonly Moment[], given: readonly Given[]) {
    this.uuid = uuid;
    this.moments = moments;
    const last = moments.findLast((m) => m.facts !== undefined)?.facts;
    if (!last) throw new Error(`${uuid} was never anybody.`);
    this.last = last;
    this.said = given.filter((g) => g.who === last.who);
  }

  facts(at: number): Facts | undefined {
    return this.moments.findLast((m) => Date.parse(m.at) <= at)?.facts;
  }

  departure(at: number): Extract<Given, { kind: 'depart' }> | undefined {
    const last = this.said.findLast((g) => (g.kind === 'depart' || g.kind === 'withdraw') && Date.parse(g.at) <= at);
    return last?.kind === 'depart' ? last : undefined;
  }

  isLeaver(at: number, { decisions = true } = {}): boolean {
    const facts = this.facts(at);
    if (!facts || facts.disabled || (decisions && this.departure(at))) return true;
    const end = one(facts, 'oTExtraAttr2');
    return end !== '' && instant(end, true) <= at;
  }

  /** Demanded by the rules at that time, approved or not; without decisions: as if nobody had said anything. */
  demanded(at: number, { decisions = true } = {}): Set<string> {
    const facts = this.facts(at);
    if (!facts || this.isLeaver(at, { decisions })) return new Set();
    const start = one(facts, 'oTExtraAttr1');
    if (start !== '' && instant(start, false) > at) return new Set();
    return new Set(POLICY.filter((rule) => rule.when(facts)).flatMap((rule) => rule.grants(facts)));
  }

  approved(at: number): boolean {
    const before = this.said.filter((g) => Date.parse(g.at) <= at);
    const demand = before.findLast((g) => g.kind === 'demand');
    if (demand?.kind !== 'demand') return false;
    const last = before.findLast((g) => (g.kind === 'approve' || g.kind === 'reject') && g.demand === demand.demand);
    return last?.kind === 'approve';
  }

  due(at: number): Set<string> {
    const keys = this.demanded(at);
    if (!this.approved(at)) keys.delete(ADMIN);
    if (keys.has(ADMIN) && keys.has('iconik:roles/Approver'))
      throw new Error(`${this.last.who}: a conflict, which no life should make.`);
    return keys;
  }

  /** Every instant at which what is due may have changed, sorted. */
  times(from: string, to: number): number[] {
    const dates = this.moments.flatMap(({ facts }) =>
      facts ? [instant(one(facts, 'oTExtraAttr1'), false), instant(one(facts, 'oTExtraAttr2'), true)] : [],
    );
    const all = [from, ...this.moments.map((m) => m.at), ...this.said.map((g) => g.at)].map((at) => Date.parse(at));
    return [...new Set([...all, ...dates])].filter((at) => at >= Date.parse(from) && at <= to).sort((a, b) => a - b);
  }
}

// ---- judging ----

type Evidence = { person: Person; key: string; op: 'grant' | 'revoke'; at: number; seq: number };

/** Everything that is wrong, one sentence each; empty: nothing. */
export async function judge(
  controls: Addresses,
  callers: Callers,
  from: Baseline,
  given: readonly Given[],
): Promise<string[]> {
  const otds = await get<OtdsState>(`${controls.otds}/state`);
  const iconik = await get<IconikState>(`${controls.iconik}/state`);
  const otdsEntries = await entries(controls.otds, from.otdsSeq);
  const iconikEntries = await entries(controls.iconik, from.iconikSeq);
  const now = Date.now();
  const history = new History(from, otdsEntries, callers.otds);
  const people = [...history.people].map(([uuid, moments]) => new Person(uuid, moments, given));
  const otdsWrites = writesOf(otdsEntries, callers.otds);
  const iconikWrites = writesOf(iconikEntries, callers.iconik);
  const evidence = [...otdsEvidence(otdsWrites, otds, from, people), ...iconikEvidence(iconikWrites, iconik, people)];
  return [
    ...people.flatMap((p) => [...onIconik(p, iconik, from, now), ...onOtds(p, otds, now)]),
    ...bystanders(people, iconik, from),
    ...[...otdsWrites, ...iconikWrites]
      .filter((w) => isDeepStrictEqual(w.before, w.after))
      .map((w) => `needless repeat: ${JSON.stringify(w)}`),
    ...strangeWrites(otdsWrites, iconikWrites, iconik, people),
    ...people.flatMap((p) =>
      beyond(
        p,
        evidence.filter((e) => e.person === p),
        from,
        now,
      ),
    ),
  ];
}

const heldOn = (user: IconikUser, iconik: IconikState): Set<string> =>
  new Set(
    user.groups
      .map((id) => iconik.groups[id])
      .map((g) => (g ? `${g.kind === 'TEAM' ? 'team' : 'roles'}/${g.name}` : 'unknown'))
      .filter((name) => !OTHERS.includes(name))
      .map((name) => `iconik:${name}`),
  );

const differs = (who: string, where: string, held: ReadonlySet<string>, due: ReadonlySet<string>): string[] => [
  ...[...due].filter((key) => !held.has(key)).map((key) => `${who} lacks ${key} on ${where}`),
  ...[...held].filter((key) => !due.has(key)).map((key) => `${who} still holds ${key} on ${where}`),
];

const accountOf = (p: Person, iconik: IconikState): IconikUser | undefined =>
  Object.values(iconik.users).find((u) => u.status !== 'DELETED' && u.email.toLowerCase() === p.last.mail);

function onIconik(p: Person, iconik: IconikState, from: Baseline, now: number): string[] {
  const { who } = p.last;
  const due = new Set([...p.due(now)].filter((key) => key.startsWith('iconik:')));
  const user = accountOf(p, iconik);
  if (!user) return due.size > 0 ? [`${who} has no account on iconik and should hold ${[...due].join(', ')}`] : [];
  const wrong = differs(who, 'iconik', heldOn(user, iconik), due);
  for (const [object, entry] of [...Object.entries(iconik.acls), ...Object.entries(iconik.propagating)])
    if (user.id in entry.users) wrong.push(`${who} still has a row of their own on ${object}`);
  const closed = user.status === 'INACTIVE' || user.status === 'BLOCKED';
  if (due.size > 0) {
    if (user.status !== 'ACTIVE') wrong.push(`${who} is ${user.status} on iconik and should be ACTIVE`);
    const type = p.last.groups.has('Post Production@staff') && employee(p.last) ? 'POWER' : 'STANDARD';
    const profile = { first_name: p.last.given, last_name: p.last.family, type };
    for (const [name, value] of Object.entries(profile))
      if (user[name as keyof typeof profile] !== value)
        wrong.push(`${who}: ${name} is "${user[name as keyof typeof profile]}" on iconik and should be "${value}"`);
  } else if (p.isLeaver(now) || p.demanded(now).has(ADMIN)) {
    if (!closed) wrong.push(`${who} is ${user.status} on iconik and should be closed`);
  }
  const urgent = p.departure(now)?.urgent === true;
  if (urgent && user.status !== 'BLOCKED')
    wrong.push(`${who} left urgently and is ${user.status} on iconik, not BLOCKED`);
  const before = accountOf(p, from.iconik)?.status;
  if (user.status === 'BLOCKED' && before !== 'BLOCKED' && !p.said.some((g) => g.kind === 'depart' && g.urgent))
    wrong.push(`${who} is BLOCKED on iconik without an urgent departure`);
  return wrong;
}

function onOtds(p: Person, otds: OtdsState, now: number): string[] {
  const { who } = p.last;
  const due = new Set([...p.due(now)].filter((key) => key.startsWith('otds:')));
  const held = new Set<string>();
  const output = Object.values(otds.groups).find((g) => `${g.name}@${g.partition}` === OUTPUT_GROUP);
  if (otds.members[output?.uuid ?? '']?.users.includes(p.uuid)) held.add(`otds:group/${OUTPUT_GROUP}`);
  const portal = otds.accessRoles[PORTAL]?.members;
  if (portal?.users.includes(p.uuid)) held.add(`otds:accessrole/${PORTAL}`);
  // Access through a group is access, and not this person's alone to lose.
  const byGroup = portal?.groups.some((g) => p.facts(now)?.groups.has(nameOf(otds, g))) ?? false;
  if (byGroup) due.delete(`otds:accessrole/${PORTAL}`);
  const wrong = differs(who, 'OTDS', held, byGroup ? new Set([...due, ...held]) : due);
  const user = otds.users[p.uuid];
  const facts = p.facts(now);
  if (!user !== !facts) wrong.push(`${who} is ${user ? '' : 'not '}there on OTDS, against what HR did`);
  if (!user || !facts) return wrong;
  const disabled = user.attributes['accountDisabled']?.[0] === 'true';
  if (disabled !== p.isLeaver(now))
    wrong.push(`${who} is ${disabled ? 'disabled' : 'enabled'} on OTDS and should not be`);
  const { accountDisabled: _a, ...rest } = user.attributes;
  const { accountDisabled: _b, ...was } = facts.values;
  if (!isDeepStrictEqual(nonEmpty(rest), nonEmpty(was)))
    wrong.push(`${who}: attributes on OTDS are not those that HR wrote`);
  return wrong;
}

const nameOf = (otds: OtdsState, uuid: string): string => {
  const group = otds.groups[uuid];
  return group ? `${group.name}@${group.partition}` : uuid;
};
const nonEmpty = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, list]) => list.length > 0));

/** Accounts on iconik that are nobody's in the directory stay as they were. */
function bystanders(people: readonly Person[], iconik: IconikState, from: Baseline): string[] {
  const ours = new Set(people.map((p) => p.last.mail));
  const others = Object.values(from.iconik.users).filter((u) => !ours.has(u.email.toLowerCase()));
  const told = (u: IconikUser | undefined) => u && [u.status, u.type, u.first_name, u.last_name, [...u.groups].sort()];
  return others
    .filter((u) => !isDeepStrictEqual(told(u), told(iconik.users[u.id])))
    .map((u) => `${u.email} is nobody's and was changed`);
}

type Seen = Write & { at: string; seq: number };

function iconikEvidence(writes: readonly Seen[], iconik: IconikState, people: readonly Person[]): Evidence[] {
  return writes.flatMap((w) => {
    if (w.object !== 'membership') return [];
    const { person, name } = membershipOf(w, iconik, people);
    if (!person || OTHERS.includes(name)) return [];
    return [{ person, key: `iconik:${name}`, op: w.after ? 'grant' : 'revoke', at: Date.parse(w.at), seq: w.seq }];
  });
}

/** Of a membership on iconik, by its id (a needless repeat names nothing else): whose, and `team/…` or `roles/…`. */
function membershipOf(
  w: Seen,
  iconik: IconikState,
  people: readonly Person[],
): { person: Person | undefined; name: string } {
  const [groupId = '', userId = ''] = w.id.split('/');
  const group = iconik.groups[groupId];
  const mail = iconik.users[userId]?.email.toLowerCase();
  const name = group ? `${group.kind === 'TEAM' ? 'team' : 'roles'}/${group.name}` : 'unknown';
  return { person: people.find((p) => p.last.mail === mail), name };
}

function otdsEvidence(writes: readonly Seen[], otds: OtdsState, from: Baseline, people: readonly Person[]): Evidence[] {
  const names = new Map(
    Object.values({ ...from.otds.groups, ...otds.groups }).map((g) => [g.uuid, `${g.name}@${g.partition}`]),
  );
  return writes.flatMap((w) => {
    const [container = '', member = ''] = w.id.split('/');
    const person = people.find((p) => p.uuid === member);
    const key =
      w.object === 'membership'
        ? `otds:group/${names.get(container)}`
        : w.object === 'accessRoleMember'
          ? `otds:accessrole/${PORTAL}`
          : '';
    return person && key ? [{ person, key, op: w.after ? 'grant' : 'revoke', at: Date.parse(w.at), seq: w.seq }] : [];
  });
}

/** Writes of a kind that no rule and no decision can ask for. */
function strangeWrites(
  otds: readonly Seen[],
  onIconik: readonly Seen[],
  iconik: IconikState,
  people: readonly Person[],
): string[] {
  const odd = (w: Seen): string => `beyond what anybody demanded: ${JSON.stringify(w)}`;
  const wrong = otds.filter((w) => {
    if (w.object === 'membership' || w.object === 'accessRoleMember') return false; // judged one by one
    return (
      w.object !== 'user' ||
      Object.keys(w.after ?? {}).join() !== 'accountDisabled' ||
      !mayTurn(
        w,
        people.find((p) => p.uuid === w.id),
      )
    );
  });
  const made = new Map<string, number>();
  const strange = onIconik.filter((w) => {
    if (w.object === 'membership') return !membershipOf(w, iconik, people).person;
    if (w.object !== 'user') return w.after !== null; // rows are only ever taken away
    if (w.after === null) return true;
    if (w.before !== null) return false;
    const mail = String(w.after['email']).toLowerCase();
    made.set(mail, (made.get(mail) ?? 0) + 1);
    const person = people.find((p) => p.last.mail === mail);
    return (
      made.get(mail) !== 1 ||
      !person
        ?.times('1970-01-01', Date.parse(w.at))
        .some((at) => [...person.due(at)].some((k) => k.startsWith('iconik:')))
    );
  });
  return [...wrong, ...strange].map(odd);
}

/** Tenure closes an OTDS account for a leaver, and opens it again when the departure was withdrawn. */
function mayTurn(w: Seen, person: Person | undefined): boolean {
  const at = Date.parse(w.at);
  const closes = (w.after?.['accountDisabled'] as string[] | undefined)?.[0] === 'true';
  if (!person) return false;
  if (closes) return person.times('1970-01-01', at).some((t) => person.isLeaver(t));
  return person.said.some((g) => g.kind === 'withdraw' && Date.parse(g.at) <= at) && !person.isLeaver(at);
}

/**
 * No grant of what was never demanded before it, and not more grants or revocations than there were reasons for: each time the directory began or
 * ceased to demand it, and each decision about it. (A decision may meet an older reading of the directory: that is one grant and one revocation more.)
 */
function beyond(p: Person, evidence: readonly Evidence[], from: Baseline, now: number): string[] {
  const wrong: string[] = [];
  const times = p.times(from.at, now);
  const { who } = p.last;
  for (const key of new Set(evidence.map((e) => e.key))) {
    const grants = evidence.filter((e) => e.key === key && e.op === 'grant');
    const revokes = evidence.filter((e) => e.key === key && e.op === 'revoke');
    const states = times.map((at) => ({ at, due: p.demanded(at, { decisions: false }).has(key) }));
    const said = (...kinds: Given['kind'][]): number[] =>
      p.said.filter((g) => kinds.includes(g.kind)).map((g) => Date.parse(g.at));
    const demanded = states.filter((s, i) => s.due && !states[i - 1]?.due).map((s) => s.at);
    const ceased = states.filter((s, i) => !s.due && (i === 0 || states[i - 1]?.due)).map((s) => s.at);
    const rises = key === ADMIN ? said('approve', 'withdraw') : [...demanded, ...said('withdraw')];
    const falls = [...ceased, ...said('depart', ...(key === ADMIN ? (['reject', 'demand'] as const) : []))];
    for (const e of grants)
      if (!demanded.some((at) => at <= e.at))
        wrong.push(`${who} got ${key} (entry ${e.seq}) before it was ever demanded`);
      else if (key === ADMIN && !p.approved(e.at))
        wrong.push(`${who} got ${key} (entry ${e.seq}) without an approval for this demand`);
    for (const e of revokes)
      if (!falls.some((at) => at <= e.at))
        wrong.push(`${who} lost ${key} (entry ${e.seq}) although it was due all the time`);
    if (grants.length > rises.length)
      wrong.push(`${who} got ${key} ${grants.length} times, with ${rises.length} reasons`);
    if (revokes.length > falls.length)
      wrong.push(`${who} lost ${key} ${revokes.length} times, with ${falls.length} reasons`);
  }
  return wrong;
}
