import { inForce } from '../domain/decision.ts';
import type { Grant } from '../domain/desired.ts';
import type { PersonRef } from '../domain/person.ts';
import type { EngineDeps } from './engine.ts';

/**
 * A cancelled grant run: every rule of the newest desired that is undecided, or grants something on a pair that is not proved, is withheld for its
 * demand (PROTOCOL rule 11). What is proved stays. Returns the rules and the targets that must converge.
 */
export async function withholdUnfinished(
  deps: EngineDeps,
  person: PersonRef,
  reason: string,
  now: string,
): Promise<{ withheld: string[]; targets: string[] }> {
  const { ledger } = deps;
  const { previous: desired, decisions } = await ledger.note(person);
  if (!desired || desired.standing === 'leaver') return { withheld: [], targets: [] };
  const unproved = new Set(
    (await ledger.unproved({ limit: 10_000, onlyActionable: false }))
      .filter((p) => p.person === person.uuid)
      .map((p) => p.target),
  );
  const standing = inForce(decisions, now);
  const half = new Map<string, { grant: Grant; entitlements: string[] }>();
  const targets = new Set<string>(unproved);
  for (const [target, said] of Object.entries(desired.targets)) {
    for (const e of said.entitlements.filter((x) => x.until === undefined)) {
      for (const grant of e.grants) {
        const about = standing.filter((d) => d.rule === grant.rule && d.demand === grant.demand);
        if (about.some((d) => d.kind === 'withhold' || d.kind === 'reject')) continue;
        const undecided = grant.approval !== undefined && !about.some((d) => d.kind === 'approve');
        if (!undecided && !unproved.has(target)) continue;
        const known = half.get(grant.rule) ?? { grant, entitlements: [] };
        known.entitlements.push(e.key);
        half.set(grant.rule, known);
        targets.add(target);
      }
    }
  }
  for (const { grant, entitlements } of half.values()) {
    await ledger.decide(person.uuid, {
      kind: 'withhold',
      by: 'tenure',
      reason,
      rule: grant.rule,
      demand: grant.demand,
      digest: grant.digest,
      entitlements,
    });
  }
  // A decision makes all of the person's pairs unproved: all are proved again.
  return { withheld: [...half.keys()], targets: half.size > 0 ? Object.keys(deps.targets) : [...targets] };
}
