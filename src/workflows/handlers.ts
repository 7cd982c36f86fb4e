import {
  allHandlersFinished,
  condition,
  currentUpdateInfo,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import type { Ask, DecideInput, DepartInput, RecordDecisionInput, Resolved } from '../activities/types.ts';
import { otds, patiently } from './activities.ts';
import { askKey } from './asks.ts';
import type { Status } from './board.ts';
import { checkInput, DECISION } from './input.ts';
import type { Lifecycle } from './lifecycle.ts';
import { refusal } from './reject.ts';

export type Verdict = { item: string; verdict: 'approve' | 'reject'; by: string };
export type DecideAnswer = { accepted: true; item: string; decision: string; by: string; recorded: number };

const decideUpdate = defineUpdate<DecideAnswer, [DecideInput]>('decide');
const decideSignal = defineSignal<[DecideInput]>('decide');
const changedSignal = defineSignal<[{ by: string; depart?: DepartInput }]>('changed');
export const supersededSignal = defineSignal<[Superseded]>('superseded');
const rerouteSignal = defineSignal<[{ leaver: string }]>('reroute');
export const statusQuery = defineQuery<Status>('status');

const DECIDE_HELP =
  'Approves or rejects what waits: {"decision":"approve","by":"grace.lee@staff","reason":"needed for the campaign"}. Add "item":"media-library-admin" where several wait. ' +
  'Other decisions: withdraw (the departure, or the rule or conflict in item), match (item: <system>:account/<id>), exempt (item: the conflict, until: a date).';

/** Sent by an offboarding: what it resolved, by desired number and decision version. */
export type Superseded = { by: string; number: number; decisionVersion: number };

/** What came in from outside and has not been worked off: handlers only write here (and record decisions); the story reads. */
export type Inbox = {
  /** Somebody handed in something new: resolve again. */
  changed: boolean;
  /** The newest departure handed over by another run. */
  depart: DepartInput | undefined;
  /** Set once a leaver's run with a newer desired took over. */
  superseded: Superseded | undefined;
  /** Verdicts of this run, by ask. */
  verdicts: Map<string, Verdict>;
  /** Which rung of the ladder an ask is on. */
  rungs: Map<string, 'first' | 'second'>;
  /** Grows when approvers must be asked again. */
  reroutes: number;
  withdrawn: boolean;
  idle(): boolean;
};

/** Registers the handlers that every lifecycle type has. Signals come as often as they like; all are idempotent by what the ledger holds. */
export function listen(run: Lifecycle): Inbox {
  let recording = 0;
  let signals = 0;
  const inbox: Inbox = {
    changed: false,
    depart: undefined,
    superseded: undefined,
    verdicts: new Map(),
    rungs: new Map(),
    reroutes: 0,
    withdrawn: false,
    idle: () => recording === 0 && allHandlersFinished(),
  };
  const decide = async (input: DecideInput, via: RecordDecisionInput['via']): Promise<DecideAnswer> => {
    recording++;
    try {
      return await record(run, inbox, input, via);
    } finally {
      recording--;
    }
  };
  setHandler(statusQuery, () => run.board.status(), { description: 'What waits for what, since when. Takes nothing.' });
  setHandler(decideUpdate, (input) => decide(input, { updateId: currentUpdateInfo()?.id ?? '' }), {
    validator: (input: DecideInput) => checkDecision(input),
    description: DECIDE_HELP,
  });
  setHandler(
    decideSignal,
    async (input) => {
      const nth = signals++;
      try {
        await decide(input, { signal: nth });
      } catch (error) {
        run.board.note(`Refused: ${error instanceof Error ? error.message : 'decision'}`);
      }
    },
    { description: `${DECIDE_HELP} The update answers; after the signal look at status.` },
  );
  setHandler(
    changedSignal,
    (news) => {
      inbox.changed = true;
      if (news?.depart) inbox.depart = { ...inbox.depart, ...news.depart };
      run.board.note(`New input from ${news?.by ?? 'an operator'}: reading the directory again.`);
    },
    { description: 'Reads the directory again and goes by what it says now. {"by":"ada.byrne@staff moved"}' },
  );
  setHandler(
    supersededSignal,
    (news) => {
      // A run that resolved later, or has not resolved yet, goes by the newest desired (PROTOCOL rule 12).
      if (run.type === 'offboarding' || !run.desired || knew(run.desired, news)) return;
      inbox.superseded = news;
      run.board.note(`Superseded by ${news.by}.`);
    },
    {
      description:
        'Sent by an offboarding of this person. {"by":"offboarding/ada.byrne@staff","number":7,"decisionVersion":2}',
    },
  );
  setHandler(rerouteSignal, () => void inbox.reroutes++, {
    description: 'Sent when an approver has left: asks the present approvers again. {"leaver":"grace.lee@staff"}',
  });
  return inbox;
}

/** True: what the offboarding went by was known here already. */
function knew(mine: Resolved, news: Superseded): boolean {
  return mine.number > news.number || (mine.number === news.number && mine.decisionVersion >= news.decisionVersion);
}

/** Shape only, synchronous (an async validator cannot refuse). */
function checkDecision(input: DecideInput): void {
  checkInput('decide', input, DECISION);
  if (!['approve', 'reject', 'withdraw', 'match', 'exempt'].includes(input.decision)) {
    throw refusal(
      'INPUT_INVALID',
      'decide: the field "decision" must be "approve", "reject", "withdraw", "match" or "exempt".',
    );
  }
}

/** Checks and records one decision through an activity; refusals are recorded there too, and answered. */
async function record(
  run: Lifecycle,
  inbox: Inbox,
  input: DecideInput,
  via: RecordDecisionInput['via'],
): Promise<DecideAnswer> {
  await condition(() => run.desired !== undefined);
  const { uuid } = run.known();
  let wrong: string | undefined;
  try {
    checkDecision(input);
  } catch (error) {
    wrong = error instanceof Error ? error.message : 'decide: wrong input.';
  }
  const isVerdict = input?.decision === 'approve' || input?.decision === 'reject';
  const ask = wrong === undefined && isVerdict ? pick(run.openAsks(), input.item) : undefined;
  const sent: RecordDecisionInput = {
    person: run.person,
    uuid,
    decision: input?.decision ?? 'reject',
    by: String(input?.by ?? 'unknown'),
    reason: String(input?.reason ?? ''),
    via,
    ...(!isVerdict &&
      wrong === undefined && { ...(input.item && { item: input.item }), ...(input.until && { until: input.until }) }),
    ...(wrong !== undefined && { refuse: { code: 'INPUT_INVALID', message: wrong } }),
    ...(ask && 'refuse' in ask && { refuse: ask.refuse }),
    ...(ask &&
      'item' in ask && {
        ask: {
          item: ask.item,
          demand: ask.demand,
          digest: ask.digest,
          entitlements: ask.entitlements,
          rung: inbox.rungs.get(askKey(ask)) ?? 'first',
        },
      }),
  };
  const answer = await patiently(run.board, 'decide', sent.ask?.item ?? run.person, (o) =>
    otds(run.priority).recordDecision.executeWithOptions(
      // Not "approve by": whether it counts is what this activity finds out.
      { ...o, summary: `${sent.by} says: ${sent.decision}`.slice(0, 190) },
      [sent],
    ),
  );
  if (!answer.accepted) throw refusal(answer.code, answer.message);
  if (sent.ask && (input.decision === 'approve' || input.decision === 'reject')) {
    inbox.verdicts.set(askKey(sent.ask), { item: sent.ask.item, verdict: input.decision, by: input.by });
    run.board.set(
      'approval',
      sent.ask.item,
      `${input.decision === 'approve' ? 'approved' : 'rejected'} by ${input.by}`,
    );
  } else {
    if (input.decision === 'withdraw' && input.item === undefined) inbox.withdrawn = true;
    inbox.changed = true;
  }
  return {
    accepted: true,
    item: sent.ask?.item ?? input.item ?? 'departure',
    decision: input.decision,
    by: input.by,
    recorded: answer.decision,
  };
}

type Refuse = { refuse: { code: string; message: string } };

function pick(open: readonly Ask[], item: string | undefined): Ask | Refuse {
  const names = open.map((a) => a.item).join(', ');
  if (open.length === 0)
    return {
      refuse: {
        code: 'NOTHING_TO_DECIDE',
        message: 'Nothing waits for a decision here: it was decided already, or the rule asks for none.',
      },
    };
  const found = item === undefined && open.length === 1 ? open[0] : open.find((a) => a.item === item);
  if (found) return found;
  return {
    refuse: {
      code: 'ITEM_UNKNOWN',
      message:
        item === undefined
          ? `Several items wait (${names}): name one in "item".`
          : `No item "${item}" waits here. Waiting: ${names}.`,
    },
  };
}
