import type { Command } from 'commander';
import type { PairRow } from '../../ledger/pairs.ts';
import type { Cli } from '../cli.ts';
import { command, count } from '../command.ts';
import type { AddCommand } from '../command.ts';
import { table, when } from '../table.ts';

type Options = { unproved?: boolean; person?: string; target?: string; limit: number };

export const addPairs: AddCommand = (program, act) => {
  command(
    program,
    'pairs',
    'Each person on each target: proved or not, since when, and why not. Unproved pairs come first.',
    ['pairs --unproved', 'pairs --person ada.byrne@staff', 'pairs --target iconik --unproved --json'],
  )
    .option('--unproved', 'only pairs that are not proved')
    .option('--person <who>', 'only this person, login@partition')
    .option('--target <name>', 'only this target')
    .option('--limit <number>', 'at most so many', count, 200)
    .action((options: Options, self: Command) => act(self, (cli) => pairs(cli, options)));
};

async function pairs(cli: Cli, { unproved = false, person, target, limit }: Options): Promise<undefined> {
  const of = person === undefined ? undefined : (await cli.person(person)).uuid;
  const rows = await cli.ledger().pairs({ unproved, limit, ...(of && { person: of }), ...(target && { target }) });
  const none = unproved ? 'Every pair is proved.' : 'The ledger has no pairs yet.';
  cli.answer({ pairs: rows }, rows.length === 0 ? none : pairTable(rows));
  return undefined;
}

export function pairTable(rows: readonly PairRow[]): string {
  const head = ['person', 'target', 'state', 'account', 'since (UTC)', 'desired', 'why not, or what next'];
  return table(
    head,
    rows.map((row) => [
      row.who,
      row.target,
      row.proved ? 'proved' : 'unproved',
      row.account,
      when(row.proved ? row.provedAt : row.since),
      row.provedNumber === row.newest ? String(row.newest) : `${row.newest} (proved ${row.provedNumber ?? 'never'})`,
      next(row),
    ]),
  );
}

function next(row: PairRow): string {
  if (row.workedOnBy !== undefined) return `${row.workedOnBy} works on it`;
  return [
    row.open.join('; '),
    row.lastError,
    row.provisionalUntil !== undefined &&
      !row.proved &&
      `an older attempt may land until ${when(row.provisionalUntil)}`,
    row.nextTryAt !== undefined && !row.proved && `tried again at ${when(row.nextTryAt)}`,
    row.dueAt !== undefined && row.proved && `due again at ${when(row.dueAt)}`,
  ]
    .filter(Boolean)
    .join('; ');
}
