import { advance } from '../../support/world.ts';
import { APPROVER, DAY, ended, inDays, type Scenes, type Stage } from '../stage.ts';
import { noticeScenes } from './notices.ts';
import { late } from './troubles.ts';
import { wrongInputScenes } from './wrongInput.ts';

async function planned(stage: Stage) {
  await stage.joined();
  const handle = await stage.begin('offboarding', { person: stage.who, lastDay: inDays(20).slice(0, 10) });
  await stage.at(handle, 'last day');
  return handle;
}

async function left(stage: Stage) {
  await stage.joined();
  const handle = await stage.begin('offboarding', { person: stage.who, by: APPROVER, reason: 'recorded' });
  await stage.at(handle, 'last check');
  return handle;
}

/** Every ending of `offboarding`. */
export const offboardingScenes: Scenes = {
  ...wrongInputScenes('offboarding'),
  late: late('offboarding'),
  done: {
    play: async (stage) => {
      const handle = await left(stage);
      await advance(handle, 2 * DAY);
      return ended(handle);
    },
  },
  lastDay: {
    play: async (stage) => {
      const handle = await planned(stage);
      await advance(handle, 23 * DAY);
      return ended(handle);
    },
  },
  withdrawn: {
    play: async (stage) => {
      const handle = await planned(stage);
      await stage.decide(handle, 'withdraw');
      return ended(handle);
    },
  },
  urgentUpgrade: {
    play: async (stage) => {
      const handle = await planned(stage);
      await ended(await stage.begin('offboarding', { person: stage.who, urgent: true }, 'offboarding/again'));
      await stage.at(handle, 'last check');
      await advance(handle, 2 * DAY);
      return ended(handle);
    },
  },
  handedOver: {
    play: async (stage) => {
      await planned(stage);
      return ended(await stage.begin('offboarding', { person: stage.who, urgent: true }, 'offboarding/again'));
    },
  },
  noLeaver: {
    play: async (stage) => {
      await stage.joined();
      return ended(await stage.begin('offboarding', { person: stage.who, fromDirectory: true }));
    },
  },
  fromDirectory: {
    play: async (stage) => {
      await stage.joined();
      stage.person({ state: 'disabled' });
      const handle = await stage.begin('offboarding', { person: stage.who, fromDirectory: true });
      await stage.at(handle, 'last check');
      await advance(handle, 2 * DAY);
      return ended(handle);
    },
  },
  /** Back before the last check. */
  cameBack: {
    play: async (stage) => {
      await stage.joined();
      stage.person({ state: 'disabled' });
      const handle = await stage.begin('offboarding', { person: stage.who, fromDirectory: true });
      await stage.at(handle, 'last check');
      stage.person({ groups: ['Editors@staff'] });
      await handle.signal('changed', { by: 'the watch' });
      return ended(handle);
    },
  },
  cancelRefused: {
    play: async (stage) => {
      const handle = await left(stage);
      await handle.cancel();
      await stage.when(handle, 'the refusal', (s) => s.notes.some((note) => note.startsWith('Cancel refused')));
      await advance(handle, 2 * DAY);
      return ended(handle);
    },
  },
  /** One target opted in to deletion after thirty days. */
  retention: {
    play: async (stage) => {
      Object.assign(stage.rig.deps.targets['alpha'] ?? {}, { deleteAfterDays: 30 });
      await stage.joined();
      stage.person({ state: 'disabled' });
      const handle = await stage.begin('offboarding', { person: stage.who, fromDirectory: true });
      await stage.at(handle, 'last check');
      await advance(handle, 2 * DAY);
      await stage.at(handle, 'retention');
      await advance(handle, 30 * DAY);
      return ended(handle);
    },
  },
  /** The person's joining is superseded, and everybody who asks is told that an approver may have left. */
  supersedes: {
    play: async (stage) => {
      stage.person({ groups: ['Editors@staff', 'Admins@staff'] });
      await stage.at(await stage.begin('onboarding'), 'approval');
      const other = stage.another(9005, { groups: ['Admins@staff'] });
      await stage.at(await stage.begin('onboarding', { person: other }, `onboarding/${other}`), 'approval');
      const handle = await stage.begin('offboarding');
      await stage.at(handle, 'last check');
      await advance(handle, 2 * DAY);
      return ended(handle);
    },
  },
  /** Two accounts could be the leaver's: reported, not guessed. */
  open: {
    play: async (stage) => {
      stage.person({ groups: ['Editors@staff'], state: 'disabled' });
      stage.rig.beta.find = async (p) =>
        ['one', 'two'].map((nativeId) => ({ nativeId, how: 'email' as const, label: p.fields['email'] ?? '' }));
      const handle = await stage.begin('offboarding', { person: stage.who, fromDirectory: true });
      await stage.at(handle, 'last check');
      await advance(handle, 2 * DAY);
      return ended(handle);
    },
  },
  ...noticeScenes.offboarding,
};
