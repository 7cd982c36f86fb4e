/** What joiners and movers share: the same story from a different beginning. */
import type { WorkflowHandle } from '@temporalio/client';
import { refusedForGood } from '../../support/fakes.ts';
import { advance } from '../../support/world.ts';
import { APPROVER, DAY, ended, MANAGER, type Scenes, type Stage } from '../stage.ts';

export type GrantType = 'onboarding' | 'roleChange';

/** Starts the run of a person who has these groups now; a mover had only the birthright group before. */
async function start(stage: Stage, type: GrantType, groups: string[]): Promise<WorkflowHandle> {
  if (type === 'roleChange') await stage.joined(['Readers@staff']);
  stage.person({ groups });
  return await stage.begin(type);
}

async function asked(stage: Stage, type: GrantType): Promise<WorkflowHandle> {
  const handle = await start(stage, type, ['Editors@staff', 'Admins@staff']);
  await stage.at(handle, 'approval');
  return handle;
}

/** Every ending of a run that gives access. */
export const grantScenes = (type: GrantType): Scenes => ({
  done: { play: async (stage) => ended(await start(stage, type, ['Editors@staff'])) },
  open: {
    play: async (stage) => {
      stage.rig.alpha.fail = (change) => (change.op === 'grant' ? refusedForGood('alpha') : undefined);
      return ended(await start(stage, type, ['Editors@staff']));
    },
  },
  ...decisions(type),
  ...interruptions(type),
});

const decisions = (type: GrantType): Scenes => ({
  approved: {
    play: async (stage) => {
      const handle = await asked(stage, type);
      await stage.decide(handle, 'approve');
      return ended(handle);
    },
  },
  rejected: {
    play: async (stage) => {
      const handle = await asked(stage, type);
      await handle.signal('decide', { decision: 'reject', by: APPROVER, reason: 'recorded' });
      return ended(handle);
    },
  },
  noAnswer: {
    play: async (stage) => {
      const handle = await asked(stage, type);
      await advance(handle, 4 * DAY);
      await stage.when(handle, 'the escalation', (s) => s.rows.some((r) => r.state.includes(MANAGER)));
      await advance(handle, 4 * DAY);
      return ended(handle);
    },
  },
  /** By the person themselves, in words that are none, by update and by signal; then by an approver. */
  refusedThenRejected: {
    play: async (stage) => {
      const handle = await asked(stage, type);
      await stage.decide(handle, 'approve', stage.who).catch(() => undefined);
      await handle.signal('decide', { decision: 'perhaps', by: APPROVER, reason: 'recorded' });
      await stage.when(handle, 'the refusal', (s) => s.notes.some((note) => note.startsWith('Refused')));
      await stage.decide(handle, 'reject');
      return ended(handle);
    },
  },
  /** The approver has left: whoever may decide now is asked. */
  askedAgain: {
    play: async (stage) => {
      const handle = await asked(stage, type);
      const other = stage.another(9003, { groups: ['Approvers@staff'] });
      await handle.signal('reroute', { leaver: APPROVER });
      await stage.when(handle, 'the other approver', (s) => s.rows.some((r) => r.state.includes(other)));
      await stage.decide(handle, 'approve', other);
      return ended(handle);
    },
  },
});

const interruptions = (type: GrantType): Scenes => ({
  handedOver: {
    play: async (stage) => {
      await asked(stage, type);
      return ended(await stage.begin(type, { person: stage.who }, `${type}/again`));
    },
  },
  /** The run that was handed the input of the second. */
  newInput: {
    play: async (stage) => {
      const handle = await asked(stage, type);
      await ended(await stage.begin(type, { person: stage.who }, `${type}/again`));
      await stage.when(handle, 'the news', (s) => s.notes.some((note) => note.startsWith('New input')));
      await stage.decide(handle, 'reject');
      return ended(handle);
    },
  },
  superseded: {
    play: async (stage) => {
      const handle = await asked(stage, type);
      await stage.begin('offboarding');
      return ended(handle);
    },
  },
  cancelled: {
    play: async (stage) => {
      const handle = await asked(stage, type);
      await handle.cancel();
      return ended(handle);
    },
  },
});
