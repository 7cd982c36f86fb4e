import { isProtectedKey, matches, matchesAny, parseEntitlement } from '../domain/entitlement.ts';
import { splitWho } from '../domain/person.ts';
import { suggest } from '../config/suggest.ts';
import type { Path, Place, Problem, YamlFile } from '../config/yamlFile.ts';
import { checkExpression, personFields } from './cel.ts';
import { checkKey, checkPattern, type Report } from './checkKeys.ts';
import { parseDuration } from './duration.ts';
import type { GroupRead } from './groupsRead.ts';
import type { PolicyFile, RuleFile } from './schema.ts';
import { knownSystems } from '../systems/all.ts';
import type { Catalogue } from './systems.ts';
import { parseTemplate, withPlaces, type Template } from './template.ts';

/** A group that something in the policy reads, and where. */
type Reading = GroupRead & { where: string };

/** Everything that a schema cannot say: names, durations, expressions, and how the parts fit together. */
export function checkMeaning(yaml: YamlFile, file: PolicyFile, catalogue: Catalogue): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (place, message, suggestion) => problems.push(yaml.problem(place, message, suggestion));
  const check = new Check(file, catalogue, report);
  check.all();
  return problems;
}

class Check {
  private readonly file: PolicyFile;
  private readonly catalogue: Catalogue;
  private readonly report: Report;
  private readonly reads: Reading[] = [];

  constructor(file: PolicyFile, catalogue: Catalogue, report: Report) {
    this.file = file;
    this.catalogue = catalogue;
    this.report = report;
  }

  all(): void {
    const { file } = this;
    file.managed.forEach((pattern, i) => checkPattern(pattern, ['managed', i], this.catalogue, this.report));
    file.protected.forEach((pattern, i) => this.protectedThing(pattern, ['protected', i]));
    this.duration(file.grace, ['grace']);
    for (const system of Object.keys(file.accounts)) this.account(system);
    this.uniqueNames('rule', file.rules, 'rules');
    file.rules.forEach((rule, i) => this.reading(rule, ['rules', i]));
    file.rules.forEach((rule, i) => this.rule(rule, ['rules', i]));
    this.uniqueNames('conflict', file.conflicts, 'conflicts');
    file.conflicts.forEach((conflict, i) => {
      conflict.between.forEach((pattern, side) =>
        checkPattern(pattern, ['conflicts', i, 'between', side], this.catalogue, this.report),
      );
      this.duration(conflict.window, ['conflicts', i, 'window']);
    });
    file.brakes.forEach((brake, i) => this.duration(brake.window, ['brakes', i, 'window'], true));
    this.freeze();
  }

  private uniqueNames(what: string, list: readonly { name: string }[], key: string): void {
    list.forEach(({ name }, i) => {
      const first = list.findIndex((one) => one.name === name);
      if (first < i)
        this.report(
          { path: [key, i, 'name'] },
          `There are two ${what}s named "${name}"; the first is ${key}[${first}]. Give this one its own name.`,
        );
    });
  }

  /** First pass over a rule: its expression, and which groups it and its approval read. */
  private reading(rule: RuleFile, path: Path): void {
    const at = [...path, 'when'];
    const checked = checkExpression(rule.when);
    if ('problems' in checked) {
      for (const { offset, message, suggestion } of checked.problems)
        this.report({ path: at, offset }, `${message}${this.near(rule.when, offset)}`, suggestion);
    } else {
      for (const read of checked.expression.groups) {
        this.reads.push({ ...read, where: `rule "${rule.name}"` });
        if (read.how === 'is') this.group(read.text, { path: at, offset: read.offset });
      }
    }
    const approvers = [
      [rule.approval?.by.group, ['by', 'group']],
      [rule.approval?.otherwise?.group, ['otherwise', 'group']],
    ] as const;
    for (const [group, where] of approvers) {
      if (group === undefined) continue;
      this.reads.push({ how: 'is', text: group, offset: 0, where: `the approval of rule "${rule.name}"` });
      this.group(group, { path: [...path, 'approval', ...where] });
    }
  }

  /** Multi-line expressions have no column of their own to point to. */
  private near(when: string, offset: number): string {
    return when.includes('\n') ? ` Near: ${when.slice(offset, offset + 40).split('\n', 1)[0]}` : '';
  }

  private rule(rule: RuleFile, path: Path): void {
    rule.grant.forEach((key, i) => this.granted(key, [...path, 'grant', i]));
    this.duration(rule.grace, [...path, 'grace']);
    this.profile(rule, path);
    const { approval } = rule;
    if (!approval) return;
    const within = this.duration(approval.within, [...path, 'approval', 'within'], true);
    const remind = this.duration(approval.remind, [...path, 'approval', 'remind'], true);
    this.duration(approval.valid, [...path, 'approval', 'valid'], true);
    if (within !== undefined && remind !== undefined && remind >= within) {
      this.report(
        { path: [...path, 'approval', 'remind'] },
        `The reminder after ${approval.remind} comes when the time of ${approval.within} is over; it must be shorter.`,
      );
    }
  }

  private profile(rule: RuleFile, path: Path): void {
    const systems = this.catalogue.systems ?? knownSystems;
    for (const [system, attributes] of Object.entries(rule.profile ?? {})) {
      const known = systems[system];
      if (!known) {
        this.report(
          { path: [...path, 'profile'], key: system },
          `There is no system "${system}"; known: ${Object.keys(systems).join(', ')}.`,
          suggest(system, Object.keys(systems)),
        );
        continue;
      }
      for (const name of Object.keys(attributes)) {
        if (known.profile.includes(name)) continue;
        const list =
          known.profile.length > 0 ? `known: ${known.profile.join(', ')}` : 'none of its attributes can be set';
        this.report(
          { path: [...path, 'profile', system], key: name },
          `Accounts on ${system} have no attribute "${name}" that a rule can set; ${list}.`,
          suggest(name, known.profile),
        );
      }
    }
    if (rule.profile && rule.approval) {
      this.report(
        { path, key: 'profile' },
        'A rule with an approval cannot set account attributes: they would be written before anybody approved. Put them in a rule of their own.',
      );
    }
  }

  private granted(text: string, path: Path): void {
    const template = parseTemplate(text);
    if (!template) {
      this.report({ path }, 'A place for a value reads ${person.region} or ${person.attributes.name}.');
      return;
    }
    for (const field of template.fields) this.templateField(field, text, path);
    // Any harmless text stands for the values when the form is checked.
    const probe = withPlaces(template, 'x');
    const literal = template.fields.length === 0;
    if (!checkKey(probe, literal, { path }, this.catalogue, this.report)) return;
    if (!matchesAny(this.file.managed, probe)) {
      this.report(
        { path },
        `The rule grants ${text}, which managed does not cover: it could never be taken away.`,
        suggest(probe, this.file.managed) ? undefined : coverOf(probe),
      );
    }
    if (literal && isProtectedKey(this.file.protected, text))
      this.report({ path }, `The rule grants ${text}, which is protected: Tenure never touches it.`);
    this.notRead(template, path);
  }

  /** A group that something reads must not be one that a rule grants: access would feed on itself, approvers could be made by a rule. */
  private notRead(template: Template, path: Path): void {
    const parts = parseEntitlement(withPlaces(template, '*'));
    if (parts?.system !== 'otds' || parts.kind !== 'group' || parts.scope === undefined) return;
    const pattern = `${parts.name}@${parts.scope}`;
    const open = template.fields.length > 0;
    const reader = this.reads.find(({ how, text }) => {
      if (how === 'is') return matches(pattern, text);
      return open || (how === 'contains' ? pattern.includes(text) : pattern[how](text));
    });
    if (reader)
      this.report(
        { path },
        `The group ${pattern} is read by ${reader.where}, so no rule may grant it; use an output group that no rule reads.`,
      );
  }

  private templateField(field: string, text: string, path: Path): void {
    const known = Object.entries(personFields)
      .filter(([, { type }]) => type === 'string')
      .map(([name]) => name);
    if (field.startsWith('attributes.') || known.includes(field)) return;
    const offset = text.indexOf(field, text.indexOf('person.'));
    this.report(
      { path, offset },
      `A person has no field "${field}" to fill in; other directory attributes are \${person.attributes.name}.`,
      suggest(field, known),
    );
  }

  private group(name: string, place: Place): void {
    if (!splitWho(name)) {
      const meant = (this.catalogue.groups ?? []).find(
        (group) => splitWho(group)?.login.toLowerCase() === name.trim().toLowerCase(),
      );
      this.report(place, `"${name}" must be written with its partition, for instance "${name}@staff".`, meant);
      return;
    }
    const { groups } = this.catalogue;
    if (groups && !groups.includes(name)) this.report(place, `There is no group "${name}".`, suggest(name, groups));
  }

  private protectedThing(pattern: string, path: Path): void {
    // An account of nobody's that is to stay so: reconciliation calls it no orphan.
    const [system = '', rest = ''] = pattern.split(':', 2);
    if (rest.startsWith('account/') && system in (this.catalogue.systems ?? knownSystems)) return;
    if (!pattern.startsWith('person:')) {
      checkPattern(pattern, path, this.catalogue, this.report);
      return;
    }
    if (!splitWho(pattern.slice('person:'.length)))
      this.report({ path }, `"${pattern}" must read person:login@partition.`);
  }

  private account(system: string): void {
    const systems = Object.keys(this.catalogue.systems ?? knownSystems);
    if (!systems.includes(system))
      this.report(
        { path: ['accounts'], key: system },
        `There is no system "${system}"; known: ${systems.join(', ')}.`,
        suggest(system, systems),
      );
    else if (system === 'otds')
      this.report(
        { path: ['accounts'], key: system },
        'Accounts of the directory itself are not disabled when unused; only leavers are.',
      );
  }

  private duration(text: string | undefined, path: Path, positive = false): number | undefined {
    if (text === undefined) return undefined;
    const parsed = parseDuration(text);
    if (!('ms' in parsed)) {
      this.report(
        { path },
        `"${text}" is no duration; write a number and a unit, such as 30 minutes, 1 h or 5 days.`,
        parsed.suggestion,
      );
      return undefined;
    }
    if (positive && parsed.ms === 0) this.report({ path }, 'The duration must be more than 0.');
    return parsed.ms;
  }

  private freeze(): void {
    const { freeze } = this.file;
    if (!freeze) return;
    if (Number.isNaN(Date.parse(freeze.since)))
      this.report(
        { path: ['freeze', 'since'] },
        `"${freeze.since}" is no ISO date or instant, such as 2026-11-21 or 2026-11-21T08:00:00Z.`,
      );
    if (!splitWho(freeze.by))
      this.report({ path: ['freeze', 'by'] }, `"${freeze.by}" must be written login@partition.`);
  }
}

/** `iconik:team/*` for `iconik:team/Marketing`: what to add to `managed`. */
function coverOf(key: string): string | undefined {
  const parts = parseEntitlement(key);
  return parts && `${parts.system}:${parts.kind}/*`;
}
