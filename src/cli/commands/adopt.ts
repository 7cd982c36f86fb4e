import type { Command } from 'commander';
import { drift, type Finding, type LinkProposal } from '../../provisioning/drift.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli.ts';
import { command } from '../command.ts';
import type { AddCommand } from '../command.ts';
import { section, table } from '../table.ts';
import { targetsOf } from './drift.ts';

type Options = { save?: boolean; by?: string };

export const addAdopt: AddCommand = (program, act) => {
  command(
    program,
    'adopt',
    'Proposes which accounts of a system are whose: those linked to nobody yet that fit exactly one person. With --save the links are kept; an adopted account is never deleted by Tenure. What is ambiguous waits for a match decision.',
    ['adopt iconik', 'adopt iconik --save --by grace.lee@staff'],
  )
    .argument('<target>', 'the system')
    .option('--save', 'keep the links')
    .option('--by <who>', 'login@partition of whoever looked at the proposals; needed with --save')
    .action((target: string, options: Options, self: Command) => act(self, (cli) => adopt(cli, target, options)));
};

async function adopt(cli: Cli, target: string, { save = false, by }: Options): Promise<number> {
  if (save && by === undefined) throw new CliError('--save needs --by login@partition: who looked at the proposals.');
  const { engine } = await cli.wired();
  targetsOf(Object.keys(engine.targets), target);
  const proposals: LinkProposal[] = [];
  const unclear: Finding[] = [];
  for await (const page of drift(engine, target, cli.attempt('tenure adopt'))) {
    proposals.push(...page.proposals);
    unclear.push(...page.findings.filter(({ kind }) => kind === 'ambiguous'));
    cli.progress(`${target}: ${page.totals.accounts} accounts`);
  }
  cli.progress(undefined);
  const saved: string[] = [];
  for (const { uuid, nativeId, person } of by !== undefined && save ? proposals : []) {
    const kept = await engine.ledger.saveLink({ person: uuid, target }, { nativeId, how: 'adopted', by: by ?? '' });
    if (kept) saved.push(person);
  }
  cli.answer(
    { target, proposals, ambiguous: unclear, saved },
    describe(proposals, unclear, save ? saved.length : undefined),
  );
  return unclear.length > 0 ? 1 : 0;
}

function describe(proposals: readonly LinkProposal[], unclear: readonly Finding[], saved: number | undefined): string {
  const rows = proposals.map(({ person, account, how }) => [person, account, how]);
  const doubts = unclear.map(({ account, person, why }) => [account, person, why]);
  return [
    section(
      `Linked to nobody yet, and clearly somebody's (${rows.length})`,
      rows.length > 0 ? table(['person', 'account', 'by'], rows) : '',
    ),
    section(`Ambiguous (${doubts.length})`, doubts.length > 0 ? table(['account', 'person', 'why'], doubts) : ''),
    saved === undefined
      ? rows.length > 0
        ? 'Nothing was kept; --save --by login@partition keeps them.'
        : 'Nothing to adopt.'
      : `${saved} links kept.`,
  ].join('');
}
