import { setHandler } from '@temporalio/workflow';
import type { ComparePassResult, SweepResult, WatchInput } from '../activities/types.ts';
import { ledger, otds, patiently, PRIORITY } from './activities.ts';
import { Board } from './board.ts';
import { statusQuery } from './handlers.ts';
import { checkInput, RELEASE } from './input.ts';

export type WatchResult = { compared: ComparePassResult; swept: SweepResult; released: string[]; text: string };

/**
 * One pass: releases what a person released, compares the directory with the newest desired and starts the run that fits (within the brake for
 * leavers), then takes up every unproved pair that nobody works on, also when the brake tripped. Run by a Schedule; input `{}`, or
 * `{"release":{"hold":"…","by":"grace.lee@staff","reason":"…","items":["tom.weber@staff"]}}`.
 */
export async function directoryWatch(input: WatchInput = {}): Promise<WatchResult> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) checkInput('directoryWatch', input, {});
  checkInput('directoryWatch', { ...input, release: undefined }, { release: { kind: 'text', example: '{…}' } });
  if (input.release) checkInput('directoryWatch: release', input.release, RELEASE);
  const board = new Board('directoryWatch', 'everybody');
  setHandler(statusQuery, () => board.status(), { description: 'What this pass has done so far. Takes nothing.' });

  const released = input.release ? await release(board, input.release) : [];
  board.at('comparing');
  const compared = await patiently(board, 'compare', 'otds', (o) =>
    otds(PRIORITY.sweep).compareDirectory.executeWithOptions(
      { ...o, summary: 'compare the directory with the newest desired' },
      [{}],
    ),
  );
  board.set(
    'compare',
    'otds',
    `${compared.people} people, ${compared.changed} changed, ${compared.started.length} started`,
  );
  if (compared.hold)
    board.set(
      'brake',
      compared.hold.id,
      `${compared.hold.people.length} leavers held (limit ${compared.hold.limit}): ${compared.hold.people.join(', ')}`,
      { attention: true },
    );

  board.at('sweeping');
  const swept = await patiently(board, 'sweep', 'ledger', (o) =>
    ledger(PRIORITY.sweep).sweep.executeWithOptions({ ...o, summary: 'take up unproved pairs that nobody works on' }, [
      {},
    ]),
  );
  board.set('sweep', 'ledger', `${swept.taken} taken up, ${swept.proved} proved`);
  board.at(compared.hold ? 'held' : 'done');
  return {
    compared,
    swept,
    released,
    text: compared.hold
      ? `Held: ${compared.hold.id} names ${compared.hold.people.length} leavers; release them item by item.`
      : 'Everybody is looked after.',
  };
}

async function release(board: Board, wanted: NonNullable<WatchInput['release']>): Promise<string[]> {
  const done = await patiently(board, 'release', wanted.hold, (o) =>
    ledger(PRIORITY.person).releaseHold.executeWithOptions({ ...o, summary: `release ${wanted.hold}`.slice(0, 190) }, [
      wanted,
    ]),
  );
  const people = done.released.map((r) => r.person);
  board.set('release', wanted.hold, `${people.length} released by ${wanted.by}`);
  return people;
}
