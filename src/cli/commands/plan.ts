import type { Command } from 'commander';
import { describeChange } from '../../domain/change.ts';
import type { Change } from '../../domain/change.ts';
import type { Desired } from '../../domain/desired.ts';
import { whatIf } from '../../provisioning/whatIf.ts';
import type { WhatIf, WhatIfTarget } from '../../provisioning/whatIf.ts';
import type { Cli } from '../cli.ts';
import { command } from '../command.ts';
import type { AddCommand } from '../command.ts';
import { section, table, when } from '../table.ts';

/** Reading all systems for one person; each has its own, shorter limits. */
const PLAN_MS = 120_000;

export const addPlan: AddCommand = (program, act) => {
  command(
    program,
    'plan',
    'What Tenure would change for one person now, and why: the same planner as the runs, from fresh reads. Changes nothing on any system.',
    ['plan ada.byrne@staff', 'plan tom.weber@staff --json'],
  )
    .argument('<who>', 'login@partition')
    .action((who: string, _: unknown, self: Command) => act(self, (cli) => plan(cli, who)));
};

async function plan(cli: Cli, who: string): Promise<undefined> {
  const { engine } = await cli.wired();
  const attempt = {
    holder: 'tenure plan',
    now: new Date().toISOString(),
    signal: AbortSignal.timeout(PLAN_MS),
    heartbeat: () => undefined,
  };
  const found = await whatIf(engine, who, attempt);
  const { desired, noted, problems } = found.resolution;
  const value = {
    person: found.person,
    standing: desired.standing,
    ...(desired.why === undefined ? {} : { why: desired.why }),
    newest: noted.newest,
    problems,
    targets: found.targets.map((target) => ({ ...target, why: whyOf(desired, target) })),
  };
  cli.answer(value, describe(found));
  return undefined;
}

function describe({ person, resolution, targets }: WhatIf): string {
  const { desired, noted, problems } = resolution;
  const standing = desired.why === undefined ? desired.standing : `${desired.standing}: ${desired.why}`;
  const head = `${person}: ${standing} (newest desired in the ledger: ${noted.newest || 'none yet'})\n\n`;
  return [
    head,
    section('The policy could not say everything', problems.join('\n')),
    ...targets.map((target) => targetText(desired, target)),
  ].join('');
}

function targetText(desired: Desired, target: WhatIfTarget): string {
  const why = whyOf(desired, target);
  const changes = target.changes.map((change) => [describeChange(change), why[describeChange(change)]]);
  const waiting = target.due.waiting.map((one) => [one.entitlement, `${one.why} (rule ${one.rule})`]);
  const left = target.left.map((one) => [one.what, one.detail === undefined ? one.why : `${one.why}: ${one.detail}`]);
  const body = [
    target.problem === undefined ? '' : `${target.problem}\n`,
    changes.length > 0 ? table(['would change', 'because'], changes) : 'Nothing would change.',
    waiting.length > 0 ? `\n${table(['waits', 'for'], waiting)}` : '',
    left.length > 0 ? `\n${table(['left alone', 'because'], left)}` : '',
    target.warnings.length > 0 ? `\n${target.warnings.join('\n')}` : '',
    target.due.changesAt === undefined ? '' : `\nTime alone changes this at ${when(target.due.changesAt)} UTC.`,
  ].filter((part) => part !== '');
  return section(
    `${target.target}: account ${target.account}, due ${target.due.account}, mode ${target.mode}`,
    body.join('\n'),
  );
}

/** Per change, in its short form: the rules that grant it, or why it goes. */
function whyOf(desired: Desired, target: WhatIfTarget): Record<string, string> {
  return Object.fromEntries(target.changes.map((change) => [describeChange(change), because(desired, target, change)]));
}

function because(desired: Desired, { target, due }: WhatIfTarget, change: Change): string {
  const rules = (key: string) =>
    desired.targets[target]?.entitlements.find((one) => one.key === key)?.grants.map((grant) => grant.rule) ?? [];
  const leaver = desired.standing === 'leaver' ? (desired.why ?? 'leaver') : undefined;
  if ('entitlement' in change) {
    const by = [...new Set(rules(change.entitlement))];
    if (change.op === 'grant') return by.length > 0 ? `rule ${by.join(', ')}` : 'due';
    const waits = due.waiting.find((one) => one.entitlement === change.entitlement);
    return waits === undefined
      ? (leaver ?? (by.length > 0 ? 'not due now' : 'no rule grants it'))
      : `${waits.why} (rule ${waits.rule})`;
  }
  if (change.op === 'disable' || change.op === 'delete') return leaver ?? 'nothing is due on this target';
  const fields = Object.keys(change.profile);
  return change.op === 'update'
    ? `profile differs: ${fields.join(', ')}`
    : `${due.entitlements.length} entitlements are due`;
}
