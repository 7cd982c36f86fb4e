import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { splitWho } from '../domain/person.ts';
import type { EngineDeps } from '../provisioning/engine.ts';
import type { ChannelOutcome, Messenger } from '../systems/port.ts';
import { attempted } from './context.ts';
import { titleOf, wordsOf } from './notifyWords.ts';
import type { NoticeActivities, NoticeOutcome, NotifyInput } from './types.ts';

/** Tells people, through the one system that can. */
export function noticeActivities(engine: EngineDeps, messenger: Messenger): NoticeActivities {
  return { notify: (input) => attempted(engine.log, ({ signal }) => notify(engine, messenger, input, signal)) };
}

/**
 * The recipient is looked up now, not when the run began: nobody who has left since is told anything, and addresses are those of today. What was told
 * stands in the timeline of the person it is about.
 */
async function notify(
  engine: EngineDeps,
  messenger: Messenger,
  input: NotifyInput,
  signal: AbortSignal,
): Promise<NoticeOutcome> {
  const { to, kind } = input;
  const recipient = await engine.directory.person(to, { signal });
  if (recipient?.state !== 'active') return { to, kind, state: 'nobody', channels: ['NOT_ACTIVE'] };
  const name = splitWho(input.person) ?? { login: input.person, partition: '' };
  const noted = await engine.ledger.note({ uuid: input.uuid, who: input.person, ...name });
  const text = wordsOf(input, noted, messenger.instructions);
  const message = { key: keyOf(input), about: input.uuid, title: titleOf(kind), text };
  const outcomes = await messenger.tell(message, recipient, { signal });
  const said = { to, kind, state: stateOf(outcomes), channels: outcomes.map(inWords) };
  const { workflowExecution, attempt } = Context.current().info;
  // Told by an earlier run: it stands there already. An earlier attempt of this one may have come only half the way.
  if (attempt > 1 || outcomes.some(({ before }) => before !== true))
    await engine.ledger.addTimeline(input.uuid, {
      kind: 'notice',
      text: `To ${to} (${said.channels.join(', ')}): ${text}`,
      number: input.number,
      run: workflowExecution?.workflowId ?? '',
    });
  engine.log.info({ to, person: input.person, kind, channels: said.channels }, 'A notice was told');
  return said;
}

/**
 * The same for every attempt and every run that would say the same: a joiner is welcomed once for a desired number, a change is told once to each. A
 * list of changes belongs to the key, since one number may be reached in several steps (approval, grace).
 */
function keyOf({ uuid, number, kind, to, changes }: NotifyInput): string {
  const what = kind === 'changed' ? [...changes].sort() : [];
  return createHash('sha256')
    .update(JSON.stringify([uuid, number, kind, to, what]))
    .digest('hex');
}

function stateOf(outcomes: readonly ChannelOutcome[]): NoticeOutcome['state'] {
  for (const state of ['accepted', 'unknown', 'rejected'] as const)
    if (outcomes.some((outcome) => outcome.state === state)) return state;
  return 'nobody';
}

function inWords({ channel, state, code }: ChannelOutcome): string {
  return code === undefined ? `${channel}: ${state}` : `${channel}: ${state} (${code})`;
}
