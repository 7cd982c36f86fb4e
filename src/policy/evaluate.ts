import { isProtectedKey, matches, matchesAny, parseEntitlement } from '../domain/entitlement.ts';
import type { DesiredConflict } from '../domain/desired.ts';
import type { Person } from '../domain/person.ts';
import type { Wanted, WantedGrant } from '../domain/resolveDesired.ts';
import { stableJson } from '../domain/stable.ts';
import type { Policy, Rule } from './policy.ts';
import { sha256 } from './read.ts';
import { fill } from './template.ts';

/** What the policy says of a person. `problems` are sentences for people: rules that could not be asked, keys that could not be filled in, conflicts. */
export type Evaluated = { wanted: Wanted; problems: readonly string[] };

/** Asks every rule about one person. Never throws: what cannot be decided grants nothing and is reported. */
export function evaluate(policy: Policy, person: Person): Evaluated {
  const problems: string[] = [];
  const grants: WantedGrant[] = [];
  const profiles: Record<string, Record<string, string>> = {};
  for (const rule of policy.rules) {
    const { value, why } = rule.when.test(person);
    if (why !== undefined)
      problems.push(`Rule "${rule.name}" could not be asked about ${person.who} and grants nothing: ${why}.`);
    if (!value) continue;
    grants.push(...granted(policy, rule, person, problems));
    for (const [system, attributes] of Object.entries(rule.profile))
      profiles[system] = { ...attributes, ...profiles[system] };
  }
  const conflicts = relevant(policy, grants, person, problems);
  const wanted: Wanted = {
    grants,
    systems: policy.systems,
    accounts: Object.fromEntries(
      policy.systems.map((system) => [
        system,
        { whenUnused: policy.accounts[system]?.whenUnused ?? 'leave', profile: profiles[system] ?? {} },
      ]),
    ),
    grace: {
      defaultMs: policy.graceMs,
      rules: Object.fromEntries(policy.rules.map((rule) => [rule.name, rule.graceMs])),
    },
    conflicts,
    policyDigest: policy.digest,
    scopeDigest: policy.scopeDigest,
  };
  return { wanted, problems };
}

function granted(policy: Policy, rule: Rule, person: Person, problems: string[]): WantedGrant[] {
  const keys = rule.grant.flatMap((template) => {
    const filled = fill(template, person);
    const why = 'why' in filled ? filled.why : unfit(policy, filled.key);
    if (why === undefined && 'key' in filled) return [filled.key];
    problems.push(`Rule "${rule.name}" does not grant ${template.text} to ${person.who}: ${why}.`);
    return [];
  });
  // The keys belong to the digest: an approval for one region must not count for another.
  const digest = sha256(stableJson({ rule: rule.text, keys }));
  const { name, approval, onFailure } = rule;
  return keys.map((key) => ({ key, rule: name, digest, onFailure, ...(approval === undefined ? {} : { approval }) }));
}

/** The reader has checked templates for what can be known without a person; this is the rest. */
function unfit(policy: Policy, key: string): string | undefined {
  if (!parseEntitlement(key)) return 'filled in, it is no entitlement';
  if (!matchesAny(policy.managed.managed, key)) return 'filled in, it is nothing that managed covers';
  return isProtectedKey(policy.managed.protected, key) ? 'filled in, it is protected' : undefined;
}

/** Conflicts that something wanted takes part in: its other side may be in grace, or held until a short while ago. */
function relevant(
  policy: Policy,
  grants: readonly WantedGrant[],
  person: Person,
  problems: string[],
): DesiredConflict[] {
  return policy.conflicts.flatMap(({ name, between, mode, windowMs }) => {
    const [left, right] = between.map((pattern) =>
      grants.filter((grant) => matches(pattern, grant.key)).map((grant) => grant.key),
    );
    if (!left?.length && !right?.length) return [];
    const other = right?.filter((key) => !left?.includes(key));
    if (left?.length && other?.length) {
      const what = mode === 'enforce' ? 'the younger is left out' : 'it is only reported';
      problems.push(
        `Conflict "${name}": the rules give ${person.who} both ${left.join(', ')} and ${other.join(', ')}; ${what}.`,
      );
    }
    return [{ name, mode, left: [between[0]], right: [between[1]], windowMs }];
  });
}
