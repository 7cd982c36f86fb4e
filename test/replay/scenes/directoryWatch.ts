import { SystemError } from '../../../src/systems/errors.ts';
import { advance } from '../../support/world.ts';
import { leakyError } from '../people.ts';
import { APPROVER, ended, type Scenes, type Stage } from '../stage.ts';

/** Six people disabled in the directory, one more than may leave unasked. */
async function sixLeavers(stage: Stage): Promise<string[]> {
  const numbers = [11, 12, 13, 14, 15, 16];
  const people = numbers.map((n) => stage.another(8_000 + n, { state: 'disabled' }));
  await ended(await stage.begin('directoryWatch', {}, 'directoryWatch/first'));
  return people;
}

/** Everybody is known and proved; nothing differs. */
async function settled(stage: Stage): Promise<void> {
  await stage.joined();
  for (const p of stage.rig.directory.all.values())
    if (p.who !== stage.who) await ended(await stage.begin('onboarding', { person: p.who }, `onboarding/${p.who}`));
}

/** Every ending of `directoryWatch`. */
export const directoryWatchScenes: Scenes = {
  nothingToDo: {
    play: async (stage) => {
      await settled(stage);
      return ended(await stage.begin('directoryWatch', {}));
    },
  },
  startedRuns: {
    play: async (stage) => {
      stage.person({ groups: ['Editors@staff'] });
      return ended(await stage.begin('directoryWatch', {}));
    },
  },
  /** A run ended by force left pairs unproved. */
  swept: {
    play: async (stage) => {
      await settled(stage);
      stage.person({ groups: ['Readers@staff'] });
      stage.rig.beta.fail = () =>
        new SystemError({ code: 'BETA_DOWN', system: 'beta', retryable: true, message: 'beta does not answer.' });
      const run = await stage.begin('roleChange');
      await stage.when(
        run,
        'the other targets',
        (s) => s.rows.filter((r) => r.state.startsWith('proved')).length === 2,
      );
      await run.terminate('recorded');
      stage.rig.beta.fail = undefined;
      return ended(await stage.begin('directoryWatch', {}));
    },
  },
  held: {
    play: async (stage) => {
      await sixLeavers(stage);
      return ended(await stage.begin('directoryWatch', {}));
    },
  },
  released: {
    play: async (stage) => {
      const people = await sixLeavers(stage);
      const [hold] = await stage.rig.ledger.holds({ open: true });
      const release = { hold: hold?.id, by: APPROVER, reason: 'recorded', items: people };
      return ended(await stage.begin('directoryWatch', { release }));
    },
  },
  unknownHold: {
    play: async (stage) => {
      const release = { hold: 'leavers/none', by: APPROVER, reason: 'recorded', items: [APPROVER] };
      return ended(await stage.begin('directoryWatch', { release }));
    },
  },
  inputInvalid: {
    play: async (stage) => ended(await stage.begin('directoryWatch', { release: { hold: 'leavers/none' } })),
  },
  late: {
    play: async (stage) => {
      await settled(stage);
      let ill = true;
      const { directory } = stage.rig;
      const people = directory.people.bind(directory);
      directory.people = async function* () {
        if (ill) throw leakyError();
        yield* people();
      };
      const handle = await stage.begin('directoryWatch', {});
      await advance(handle, 120);
      await stage.when(handle, 'a late directory', (s) => s.needsAttention);
      ill = false;
      await advance(handle, 3_600);
      return ended(handle);
    },
  },
};
