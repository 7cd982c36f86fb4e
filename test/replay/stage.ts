/** Where a scene is played: one world, one person whom the story is about, two approvers. */
import type { WorkflowHandle } from '@temporalio/client';
import type { Person } from '../../src/domain/person.ts';
import { openWorld, type World, type WorldOptions } from '../support/world.ts';
import { human, whoOf } from './people.ts';
import { REPLAY_KEYS } from './key.ts';

export const DAY = 86_400;
/** Stands for caller and worker, instead of a process id and the name of the machine. */
export const IDENTITY = 'recorder';

export const APPROVER = whoOf(9001);
export const MANAGER = whoOf(9002);

export type Stage = World & {
  who: string;
  /** Puts the story's person into the directory, or changes them there. */
  person(over: Partial<Person>): void;
  /** Somebody else, by number. */
  another(n: number, over: Partial<Person>): string;
  /** Starts a type, by default for the story's person and under the id that operators use. */
  begin(type: string, input?: unknown, id?: string): Promise<WorkflowHandle>;
  /** The story's person has joined, with groups. */
  joined(groups?: string[]): Promise<void>;
  decide(handle: WorkflowHandle, decision: string, by?: string, item?: string): Promise<unknown>;
  at(handle: WorkflowHandle, stage: string): Promise<unknown>;
};

/** Plays to the end and returns the run that is recorded. */
export type Scene = { options?: WorldOptions; play(stage: Stage): Promise<WorkflowHandle> };
/** By ending. */
export type Scenes = Readonly<Record<string, Scene>>;

export async function openStage(n: number, options: WorldOptions = {}): Promise<Stage> {
  const world = await openWorld({ ...options, keys: REPLAY_KEYS, prefix: '', identity: IDENTITY });
  const { directory } = world.rig;
  const who = whoOf(n);
  directory.set(human(9001, { groups: ['Approvers@staff'], manager: MANAGER }), human(9002));
  const usualId = (type: string): string => (type === 'directoryWatch' ? type : `${type}/${who}`);
  return {
    ...world,
    who,
    person: (over) => directory.set(human(n, over)),
    another: (m, over) => {
      directory.set(human(m, over));
      return whoOf(m);
    },
    begin: (type, input = { person: who }, id = usualId(type)) => world.start(type, input, id),
    joined: async (groups = ['Editors@staff']) => {
      directory.set(human(n, { groups }));
      await world.result(await world.start('onboarding', { person: who }, `onboarding/${who}`));
    },
    decide: (handle, decision, by = APPROVER, item = undefined) =>
      handle.executeUpdate('decide', { args: [{ decision, by, reason: 'recorded', ...(item && { item }) }] }),
    at: (handle, stage) => world.when(handle, stage, (s) => s.stage === stage),
  };
}

/** `YYYY-MM-DD` or an instant so many days from now. */
export const inDays = (days: number): string => new Date(Date.now() + days * DAY * 1000).toISOString();

/** The run, once it has closed in whatever way. */
export async function ended(handle: WorkflowHandle): Promise<WorkflowHandle> {
  await handle.result().catch(() => undefined);
  return handle;
}
