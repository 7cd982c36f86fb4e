import type { Command } from 'commander';
import { inForce } from '../../domain/decision.ts';
import type { Decision } from '../../domain/decision.ts';
import type { Desired, DesiredTarget } from '../../domain/desired.ts';
import type { PairRow } from '../../ledger/pairs.ts';
import type { TimelineEntry } from '../../ledger/types.ts';
import type { Cli } from '../cli.ts';
import { command, count } from '../command.ts';
import type { AddCommand } from '../command.ts';
import { section, table, when } from '../table.ts';
import { pairTable } from './pairs.ts';

type Options = { limit: number };

export const addPerson: AddCommand = (program, act) => {
  command(
    program,
    'person',
    'Everything the ledger knows about one person: newest desired access, proofs, links, decisions, open runs, timeline.',
    ['person ada.byrne@staff', 'person ivy@acme@partners --json'],
  )
    .argument('<who>', 'login@partition')
    .option('--limit <number>', 'entries of the timeline to show, the newest ones (all with --json)', count, 40)
    .action((who: string, options: Options, self: Command) => act(self, (cli) => person(cli, who, options)));
};

async function person(cli: Cli, who: string, { limit }: Options): Promise<undefined> {
  const ledger = cli.ledger();
  const ref = await cli.person(who);
  const [noted, pairs, openRuns, timeline] = await Promise.all([
    ledger.note(ref),
    ledger.pairs({ person: ref.uuid, limit: 1_000 }),
    ledger.openRuns(ref.uuid),
    ledger.timeline(ref.uuid),
  ]);
  const { previous: desired, decisions } = noted;
  const now = new Date().toISOString();
  const text = [
    `${ref.who} (${ref.uuid})\n\n`,
    desired ? desiredSection(desired, now) : 'Nothing is desired yet: no run has resolved this person.\n\n',
    section('On the targets', pairTable(pairs)),
    section('Accounts', linkTable(pairs)),
    section('Decisions', decisionTable(decisions, now)),
    section('Open runs', openRuns.map((run) => `${run.workflowId} (run ${run.runId})`).join('\n')),
    section('Timeline', timelineText(timeline, limit)),
  ].join('');
  cli.answer({ person: ref, desired: desired ?? null, pairs, decisions, openRuns, timeline }, text);
  return undefined;
}

function linkTable(pairs: readonly PairRow[]): string {
  const links = pairs.flatMap(({ target, link }) => (link ? [[target, link.nativeId, link.how, link.by]] : []));
  return table(['target', 'native id', 'how matched', 'by'], links);
}

function desiredSection(desired: Desired, now: string): string {
  const why = desired.why === undefined ? '' : `: ${desired.why}`;
  return section(`Desired ${desired.number}: ${desired.standing}${why}`, desiredText(desired, now));
}

function desiredText(desired: Desired, now: string): string {
  return Object.entries(desired.targets)
    .map(([target, said]) => `${target}: ${targetText(said, now)}`)
    .join('\n');
}

function targetText(said: DesiredTarget, now: string): string {
  const notBefore =
    said.notBefore !== undefined && said.notBefore > now ? `, not before ${when(said.notBefore)} UTC` : '';
  const held = said.entitlements.map((one) => {
    const rules = [...new Set(one.grants.map((grant) => grant.rule))].join(', ');
    const grace = one.until === undefined ? '' : ` (in grace until ${when(one.until)} UTC)`;
    return `\n  ${one.key}${rules === '' ? '' : ` by ${rules}`}${grace}`;
  });
  return `account ${said.account}${notBefore}${held.join('')}`;
}

function decisionTable(decisions: readonly Decision[], now: string): string {
  const holding = new Set(inForce(decisions, now).map((decision) => decision.id));
  return table(
    ['id', 'given (UTC)', 'what', 'by', 'for', 'state', 'reason'],
    decisions.map((one) => [
      String(one.id),
      when(one.at),
      one.kind,
      one.by,
      one.rule ??
        one.conflict ??
        one.hold ??
        (one.ends === undefined ? one.entitlements?.join(', ') : `decision ${one.ends}`),
      holding.has(one.id) ? `in force${one.endsAt === undefined ? '' : ` until ${when(one.endsAt)}`}` : 'ended',
      one.reason,
    ]),
  );
}

function timelineText(entries: readonly TimelineEntry[], limit: number): string {
  const shown = entries.slice(-limit).map((entry) => [when(entry.at), entry.target, entry.kind, entry.text]);
  if (shown.length === 0) return '';
  const older = entries.length > limit ? `\n… and ${entries.length - limit} older ones: --limit ${entries.length}` : '';
  return `${table(['when (UTC)', 'target', 'kind', 'what'], shown)}${older}`;
}
