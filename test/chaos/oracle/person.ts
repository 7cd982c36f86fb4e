import type { Moment } from './history.ts';
import { ADMIN, APPROVER, POLICY, valueOf, type Facts } from './policy.ts';

/** What people said, and from when a privileged thing is demanded anew. `at`: ISO, just before it was said. */
export type Given =
  | { who: string; kind: 'depart'; urgent: boolean; at: string }
  | { who: string; kind: 'withdraw' | 'device'; at: string }
  | { who: string; kind: 'demand'; demand: number; at: string }
  | { who: string; kind: 'approve' | 'reject'; demand: number; at: string };

const DAY_MS = 86_400_000;
/** A bare date means 00:00 UTC of that day for a start, of the day after for an end. */
const instant = (text: string, end: boolean): number => Date.parse(text) + (end && text.length === 10 ? DAY_MS : 0);

/** A person over time: what the directory said, what others decided, and so what was due. */
export class Person {
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
    const end = valueOf(facts, 'oTExtraAttr2');
    return end !== '' && instant(end, true) <= at;
  }

  /** Demanded by the rules at that time, approved or not; without decisions: as if nobody had said anything. */
  demanded(at: number, { decisions = true } = {}): Set<string> {
    const facts = this.facts(at);
    if (!facts || this.isLeaver(at, { decisions })) return new Set();
    const start = valueOf(facts, 'oTExtraAttr1');
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
    if (keys.has(ADMIN) && keys.has(APPROVER))
      throw new Error(`${this.last.who}: a conflict, which no life should make.`);
    return keys;
  }

  /** Was this key, or anything on a system of this name, ever due until then? */
  everDue(what: string, until: number): boolean {
    return this.times('1970-01-01', until).some((at) =>
      [...this.due(at)].some((key) => key === what || key.startsWith(`${what}:`)),
    );
  }

  /** From the first moment that the directory knows of them. */
  get since(): string {
    return this.moments.find((m) => m.facts !== undefined)?.at ?? '';
  }

  /** Every instant at which what is due may have changed, sorted. */
  times(from: string, to: number): number[] {
    const dates = this.moments.flatMap(({ facts }) =>
      facts ? [instant(valueOf(facts, 'oTExtraAttr1'), false), instant(valueOf(facts, 'oTExtraAttr2'), true)] : [],
    );
    const all = [from, ...this.moments.map((m) => m.at), ...this.said.map((g) => g.at)].map((at) => Date.parse(at));
    return [...new Set([...all, ...dates])].filter((at) => at >= Date.parse(from) && at <= to).sort((a, b) => a - b);
  }
}
