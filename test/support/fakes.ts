/** In-process directory and targets for tests of the engine and for benchmarks: real rules, no wire, every step can be stopped. */
import type { Actual, Change } from '../../src/domain/change.ts';
import { describeChange } from '../../src/domain/change.ts';
import type { Person } from '../../src/domain/person.ts';
import { splitWho } from '../../src/domain/person.ts';
import type {
  AccountRef,
  Applied,
  ApplyContext,
  Candidate,
  Directory,
  Listed,
  Page,
  Target,
  TargetDescription,
} from '../../src/systems/port.ts';
import { SystemError } from '../../src/systems/errors.ts';

/** A person as the directory would show them; `over` changes what a test is about. */
export function person(who: string, over: Partial<Person> = {}): Person {
  const name = splitWho(who) ?? { login: who, partition: 'staff' };
  return {
    uuid: `uuid-${who}`,
    who,
    ...name,
    state: 'active',
    type: 'employee',
    groups: [],
    fields: { email: `${name.login}@northwind.example` },
    attributes: {},
    ownedUpstream: false,
    ...over,
  };
}

/** A directory in memory. */
export class FakeDirectory implements Directory {
  readonly system = 'otds';
  readonly all = new Map<string, Person>();

  set(...people: Person[]): void {
    for (const p of people) this.all.set(p.uuid, p);
  }
  change(who: string, over: Partial<Person>): void {
    const before = [...this.all.values()].find((p) => p.who === who);
    if (before) this.all.set(before.uuid, { ...before, ...over });
  }
  async probe() {
    return { reachable: true, credentials: true, capabilities: {}, problems: [] };
  }
  async person(who: string): Promise<Person | undefined> {
    return [...this.all.values()].find((p) => p.who === who && p.state !== 'absent');
  }
  async *people(): AsyncIterable<readonly Person[]> {
    yield [...this.all.values()].filter((p) => p.state !== 'absent');
  }
  async membersOf(group: string) {
    return [...this.all.values()].filter((p) => p.state === 'active' && p.groups.includes(group));
  }
  async groups() {
    return [...new Set([...this.all.values()].flatMap((p) => p.groups))];
  }
}

type Account = {
  nativeId: string;
  uuid: string;
  state: 'present' | 'disabled';
  blocked: boolean;
  profile: Record<string, string>;
  held: Set<string>;
};
export type Effect = { change: string; who: string; before: boolean };

/** A target in memory. `gate` stops a call between its sending and its effect; `fail` refuses; `lose` makes the effect and loses the reply. */
export class FakeTarget implements Target {
  readonly accounts = new Map<string, Account>();
  readonly effects: Effect[] = [];
  gate: ((change: string, who: string) => Promise<void>) | undefined;
  fail: ((change: Change, who: string) => SystemError | undefined) | undefined;
  lose: ((change: string) => boolean) | undefined;
  /** What `read` says is this much older than the truth when a test sets it. */
  stale: (() => Actual | undefined) | undefined;
  reads = 0;
  private readonly system: string;
  private readonly over: Partial<TargetDescription>;

  constructor(system: string, over: Partial<TargetDescription> = {}) {
    this.system = system;
    this.over = over;
  }

  describe(): TargetDescription {
    return {
      system: this.system,
      kinds: {},
      requestLimitMs: 2_000,
      readLagMs: 0,
      profile: ['email'],
      proofLimits: [],
      ...this.over,
    };
  }
  async probe() {
    return { reachable: true, credentials: true, capabilities: {}, problems: [] };
  }
  async find(p: Person): Promise<readonly Candidate[]> {
    return [...this.accounts.values()]
      .filter((a) => a.uuid === p.uuid)
      .map((a) => ({ nativeId: a.nativeId, how: 'email' as const, label: p.who }));
  }
  async read(account: AccountRef): Promise<Actual> {
    this.reads++;
    return this.stale?.() ?? this.actual(account.nativeId ?? '');
  }
  actual(nativeId: string): Actual {
    const a = this.accounts.get(nativeId);
    if (!a) return { account: 'absent', profile: {}, held: [], warnings: [] };
    return {
      account: a.state,
      blocked: a.blocked,
      nativeId,
      profile: { ...a.profile },
      held: [...a.held].sort().map((key) => ({ key, how: 'direct' as const })),
      warnings: [],
    };
  }
  /** For a person: what they hold, or undefined without an account. */
  of(who: string): { state: string; held: string[] } | undefined {
    const a = this.accounts.get(`${this.system}-uuid-${who}`);
    return a && { state: a.state, held: [...a.held].sort() };
  }
  /** Puts an account there as if somebody had. */
  put(who: string, state: 'present' | 'disabled', held: string[], profile: Record<string, string> = {}): void {
    const nativeId = `${this.system}-uuid-${who}`;
    this.accounts.set(nativeId, { nativeId, uuid: `uuid-${who}`, state, blocked: false, profile, held: new Set(held) });
  }
  async apply(account: AccountRef, change: Change, _actual: Actual, _call: ApplyContext): Promise<Applied> {
    const what = describeChange(change);
    const refused = this.fail?.(change, account.person.who);
    if (refused) throw refused;
    await this.gate?.(what, account.person.who);
    const nativeId = this.make(account, change);
    if (this.lose?.(what)) return { outcome: 'unknown', code: 'FAKE_RESET' };
    return { outcome: 'done', ...(change.op === 'create' && { nativeId }) };
  }
  private make(account: AccountRef, change: Change): string {
    const nativeId = account.nativeId ?? `${this.system}-${account.person.uuid}`;
    const a = this.accounts.get(nativeId) ?? {
      nativeId,
      uuid: account.person.uuid,
      state: 'present' as const,
      blocked: false,
      profile: {},
      held: new Set<string>(),
    };
    const there =
      this.accounts.has(nativeId) && ('entitlement' in change ? a.held.has(change.entitlement) : a.state === 'present');
    if ('entitlement' in change) {
      if (change.op === 'grant') a.held.add(change.entitlement);
      else a.held.delete(change.entitlement);
    } else if (change.op === 'disable') Object.assign(a, { state: 'disabled', blocked: change.urgent === true });
    else if (change.op !== 'delete')
      Object.assign(a, {
        state: change.op === 'update' ? a.state : 'present',
        profile: { ...a.profile, ...change.profile },
      });
    if (change.op === 'delete') this.accounts.delete(nativeId);
    else this.accounts.set(nativeId, a);
    this.effects.push({ change: describeChange(change), who: account.person.who, before: there });
    return nativeId;
  }
  async list(): Promise<Page<Listed>> {
    const items = [...this.accounts.values()].map(({ nativeId, uuid }) => ({
      nativeId,
      label: uuid,
      keys: { id: uuid },
      actual: this.actual(nativeId),
    }));
    return { items };
  }
}

/** A refusal for good, as a target's error table would give it. */
export function refusedForGood(system: string): SystemError {
  return new SystemError({
    code: `${system.toUpperCase()}_REFUSED`,
    system,
    status: 403,
    retryable: false,
    message: 'The target says no.',
  });
}

/** A promise that somebody else opens: stops a step without a clock. */
export function gate(): { open: () => void; reached: Promise<void>; pass: () => Promise<void> } {
  let open = (): void => {};
  let reach = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  return {
    open,
    reached,
    pass: async () => {
      reach();
      await opened;
    },
  };
}
