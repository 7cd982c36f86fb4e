import { ADMIN } from './policy.ts';
import type { Given, Person } from './person.ts';
import type { Baseline, Seen } from './reading.ts';

/** One grant or revocation that really happened, as a system's own ledger tells it. `<system>:account` is the account itself. */
export type Evidence = { person: Person; key: string; op: 'grant' | 'revoke'; at: number; seq: number };

/** What one system says: what is wrong with its state, what was granted and revoked there, and writes that nothing can ask for. */
export type Report = { wrong: string[]; evidence: Evidence[]; strange: Seen[] };

export function evidenceOf(person: Person | undefined, key: string, op: 'grant' | 'revoke', seen: Seen): Evidence[] {
  return person ? [{ person, key, op, at: Date.parse(seen.at), seq: seen.seq }] : [];
}

/** What lacks and what is too much, one sentence each. */
export const differs = (who: string, where: string, held: ReadonlySet<string>, due: ReadonlySet<string>): string[] => [
  ...[...due].filter((key) => !held.has(key)).map((key) => `${who} lacks ${key} on ${where}`),
  ...[...held].filter((key) => !due.has(key)).map((key) => `${who} still holds ${key} on ${where}`),
];

/** Was it demanded then, as if nobody had said anything? An account is, with anything on its system. */
function demandedAt(p: Person, at: number, key: string): boolean {
  const keys = p.demanded(at, { decisions: false });
  const system = /^(\w+):account$/.exec(key)?.[1];
  return system === undefined ? keys.has(key) : [...keys].some((one) => one.startsWith(`${system}:`));
}

/**
 * No grant of what was never demanded before it, and not more grants or revocations than there were reasons for: each time the directory began or
 * ceased to demand it, and each decision about it. (A decision may meet an older reading of the directory: that is one grant and one revocation more.)
 */
export function beyond(p: Person, evidence: readonly Evidence[], from: Baseline, now: number): string[] {
  const wrong: string[] = [];
  const times = p.times(from.at, now);
  const { who } = p.last;
  const said = (...kinds: Given['kind'][]): number[] =>
    p.said.filter((g) => kinds.includes(g.kind)).map((g) => Date.parse(g.at));
  for (const key of new Set(evidence.map((e) => e.key))) {
    const grants = evidence.filter((e) => e.key === key && e.op === 'grant');
    const revokes = evidence.filter((e) => e.key === key && e.op === 'revoke');
    const states = times.map((at) => ({ at, due: demandedAt(p, at, key) }));
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
