import { createHash } from 'node:crypto';
import type { Brake } from '../domain/brakes.ts';
import type { ApprovalRequirement } from '../domain/desired.ts';
import { systemOf } from '../domain/entitlement.ts';
import { sortedUnique, stableJson } from '../domain/stable.ts';
import { YamlFile, type Problem } from '../config/yamlFile.ts';
import { checkFile } from '../config/zodProblems.ts';
import { checkMeaning } from './check.ts';
import { checkExpression } from './cel.ts';
import { parseDuration } from './duration.ts';
import type { Policy, Rule } from './policy.ts';
import { policySchema, type PolicyFile, type RuleFile } from './schema.ts';
import type { Catalogue } from './systems.ts';
import { parseTemplate } from './template.ts';

/** A policy, or every mistake in it with its place and what was probably meant. Never throws for what the text says. */
export type ReadPolicy = { policy: Policy } | { problems: readonly Problem[] };

/** SHA-256 as hex. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Reads a policy. `file` is only a name for messages. With a catalogue, names of groups, teams, roles and so on must exist; without one they are
 * checked for their form.
 */
export function readPolicy(text: string, file: string, catalogue: Catalogue = {}): ReadPolicy {
  const yaml = new YamlFile(text, file);
  const checked = checkFile(yaml, policySchema);
  if ('problems' in checked) return { problems: sorted(checked.problems) };
  const problems = checkMeaning(yaml, checked.value, catalogue);
  if (problems.length > 0) return { problems: sorted(problems) };
  return { policy: toPolicy(checked.value) };
}

function sorted(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}

function toPolicy(file: PolicyFile): Policy {
  const graceMs = ms(file.grace, 0);
  const managed = { managed: file.managed, protected: file.protected };
  const systems = sortedUnique([...file.managed.map(systemOf), ...Object.keys(file.accounts)]);
  return {
    version: file.version,
    digest: sha256(stableJson(file)),
    scopeDigest: sha256(stableJson(managed)),
    managed,
    graceMs,
    accounts: file.accounts,
    rules: file.rules.map((rule) => toRule(rule, graceMs)),
    conflicts: file.conflicts.map(({ name, between, mode, window }) => ({
      name,
      between,
      mode,
      windowMs: ms(window, 0),
    })),
    brakes: file.brakes.map(toBrake),
    ...(file.freeze === undefined ? {} : { freeze: file.freeze }),
    systems,
  };
}

function toRule(rule: RuleFile, defaultGraceMs: number): Rule {
  const { name, when, grant, profile, approval } = rule;
  const checked = checkExpression(when);
  const templates = grant.flatMap((key) => parseTemplate(key) ?? []);
  // checkMeaning has refused both already; a rule that slipped through must not grant by accident.
  if ('problems' in checked || templates.length < grant.length) throw new Error(`The rule ${name} was not checked.`);
  return {
    name,
    when: checked.expression,
    grant: templates,
    profile: profile ?? {},
    ...(approval === undefined ? {} : { approval: toApproval(approval) }),
    onFailure: rule.onFailure ?? (approval ? 'undo' : 'continue'),
    // Privileged access has no grace unless its rule says so.
    graceMs: ms(rule.grace, approval ? 0 : defaultGraceMs),
    text: stableJson({ name, when, grant, profile, approval }),
  };
}

function toApproval(approval: NonNullable<RuleFile['approval']>): ApprovalRequirement {
  const withinMs = ms(approval.within, 0);
  const { managerOf, group } = approval.otherwise ?? {};
  const otherwise = managerOf !== undefined ? { managerOf } : group !== undefined ? { group } : undefined;
  return {
    group: approval.by.group,
    withinMs,
    remindMs: ms(approval.remind, Math.floor(withinMs / 2)),
    ...(otherwise === undefined ? {} : { otherwise }),
    distinct: approval.distinct,
    ...(approval.valid === undefined ? {} : { validMs: ms(approval.valid, 0) }),
  };
}

function toBrake({ window, revokes: { count, percent }, onTrip }: PolicyFile['brakes'][number]): Brake {
  return {
    windowMs: ms(window, 0),
    revokes: { ...(count === undefined ? {} : { count }), ...(percent === undefined ? {} : { percent }) },
    onTrip,
  };
}

function ms(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const parsed = parseDuration(text);
  if ('ms' in parsed) return parsed.ms;
  throw new Error(`The duration ${text} was not checked.`);
}
