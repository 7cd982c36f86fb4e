import type { Command } from 'commander';
import type { Hold } from '../../ledger/types.ts';
import type { Cli } from '../cli.ts';
import { command } from '../command.ts';
import type { AddCommand } from '../command.ts';
import { section, table, when } from '../table.ts';

type Options = { all?: boolean };

export const addHolds: AddCommand = (program, act) => {
  command(program, 'holds', 'Changes that wait for a person’s release, item by item, and how to release them.', [
    'holds',
    'holds --all --json',
  ])
    .option('--all', 'also those that are released')
    .action((options: Options, self: Command) => act(self, (cli) => holds(cli, options)));
};

async function holds(cli: Cli, { all = false }: Options): Promise<undefined> {
  const found = await cli.ledger().holds({ open: !all });
  const text = found
    .map((hold) => section(`${hold.id} · ${hold.kind} · since ${when(hold.at)} UTC`, describe(hold)))
    .join('');
  cli.answer({ holds: found }, found.length === 0 ? (all ? 'There never was a hold.' : 'Nothing is held.') : text);
  return undefined;
}

function describe(hold: Hold): string {
  const rows = hold.items.map((item) => [
    item.id,
    item.who,
    item.what,
    hold.released[item.id] ? `released by ${hold.released[item.id]}` : 'held',
  ]);
  const open = hold.items.filter((item) => hold.released[item.id] === undefined);
  const input = JSON.stringify({
    release: { hold: hold.id, by: 'you@partition', reason: 'why', items: open.slice(0, 3).map((item) => item.id) },
  });
  const how = `Release: tenure temporal workflow start --type directoryWatch -t tenure -w 'directoryWatch/release' --input '${input}'`;
  return [hold.reason, table(['item', 'person', 'what', 'state'], rows), ...(open.length > 0 ? [how] : [])].join('\n');
}
