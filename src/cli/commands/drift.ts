import type { Command } from 'commander';
import { drift, type DriftTotals, type Finding } from '../../provisioning/drift.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli.ts';
import { command } from '../command.ts';
import type { AddCommand } from '../command.ts';
import { section, table } from '../table.ts';
import { suggest } from '../../config/suggest.ts';

type Options = { target?: string };

const WORDS: Readonly<Record<Finding['kind'], string>> = {
  excess: 'Held or open, and not due',
  missing: 'Due, and not there',
  orphan: 'Accounts of nobody whom Tenure knows',
  ambiguous: 'Accounts that several people, or people whom several accounts, fit',
  unmanaged: 'Held outside what the policy manages',
};

export const addDrift: AddCommand = (program, act) => {
  command(
    program,
    'drift',
    'Compares every account of every system with what is due, in one pass of bulk reads: excess, missing, orphans, ambiguous, unmanaged. Changes nothing. Exit code 1 when something differs.',
    ['drift', 'drift --target iconik', 'drift --target iconik --json'],
  )
    .option('--target <name>', 'only this system')
    .action((options: Options, self: Command) => act(self, (cli) => report(cli, options)));
};

async function report(cli: Cli, { target }: Options): Promise<number> {
  const { engine } = await cli.wired();
  const all: { totals: DriftTotals; findings: Finding[] }[] = [];
  for (const name of targetsOf(Object.keys(engine.targets), target)) {
    const findings: Finding[] = [];
    let totals: DriftTotals | undefined;
    for await (const page of drift(engine, name, cli.attempt('tenure drift'))) {
      findings.push(...page.findings);
      totals = page.totals;
      cli.progress(`${name}: ${totals.accounts} accounts, ${totals.people} people`);
    }
    if (totals) all.push({ totals, findings });
  }
  cli.progress(undefined);
  cli.answer(
    { targets: all.map(({ totals, findings }) => ({ ...totals, found: findings })) },
    all.map(describe).join('\n'),
  );
  return all.some(({ findings }) => findings.some(({ kind }) => kind !== 'unmanaged')) ? 1 : 0;
}

/** The systems asked for. @throws {CliError} naming what there is. */
export function targetsOf(known: readonly string[], asked: string | undefined): readonly string[] {
  if (asked === undefined) return known;
  if (known.includes(asked)) return [asked];
  const meant = suggest(asked, known);
  throw new CliError(
    `There is no system ${asked}; configured: ${known.join(', ')}.${meant ? ` Did you mean ${meant}?` : ''}`,
  );
}

function describe({ totals, findings }: { totals: DriftTotals; findings: readonly Finding[] }): string {
  const head = `${totals.target}: ${totals.accounts} accounts, ${totals.people} people`;
  if (findings.length === 0) return `${head}: as it should be.\n`;
  const kinds = Object.keys(WORDS) as Finding['kind'][]; // the table's own keys
  const parts = kinds.map((kind) => {
    const of = findings.filter((one) => one.kind === kind);
    const rows = of.map((one) => [one.person, one.account, one.what, one.why]);
    return section(
      `${WORDS[kind]} (${of.length})`,
      of.length > 0 ? table(['person', 'account', 'what', 'why'], rows) : '',
    );
  });
  return `${head}\n\n${parts.join('')}`;
}
