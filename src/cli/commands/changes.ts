import type { Command } from 'commander';
import { describeChange } from '../../domain/change.ts';
import type { Cli } from '../cli.ts';
import { command, count, instant } from '../command.ts';
import type { AddCommand } from '../command.ts';
import { table, when } from '../table.ts';

type Options = { person?: string; target?: string; since?: string; limit: number };

export const addChanges: AddCommand = (program, act) => {
  command(program, 'changes', 'What was intended, applied and proved on the targets, newest first.', [
    'changes',
    'changes --person ada.byrne@staff',
    'changes --target iconik --since 12h --json',
  ])
    .option('--person <who>', 'only this person, login@partition')
    .option('--target <name>', 'only this target')
    .option(
      '--since <when>',
      'only changes intended since: 2026-11-21, 2026-11-21T10:00:00Z, or 90m, 12h, 7d ago',
      instant,
    )
    .option('--limit <number>', 'at most so many', count, 50)
    .action((options: Options, self: Command) => act(self, (cli) => changes(cli, options)));
};

async function changes(cli: Cli, { person, target, since, limit }: Options): Promise<undefined> {
  const of = person === undefined ? undefined : (await cli.person(person)).uuid;
  const rows = await cli
    .ledger()
    .changes({ ...(of && { person: of }), ...(target && { target }), ...(since && { since }), limit });
  const lines = rows.map((row) => [
    when(row.intendedAt),
    row.who,
    row.target,
    describeChange(row.change),
    [row.outcome ?? 'open', row.code].filter(Boolean).join(' '),
    when(row.provedAt),
    String(row.number),
  ]);
  const head = ['intended (UTC)', 'person', 'target', 'change', 'outcome', 'proved (UTC)', 'desired'];
  cli.answer({ changes: rows }, rows.length === 0 ? 'No changes.' : table(head, lines));
  return undefined;
}
