import { advance } from '../../support/world.ts';
import { human } from '../people.ts';
import { APPROVER, DAY, ended, inDays, type Scenes, type Stage } from '../stage.ts';
import { grantScenes } from './grants.ts';
import { noticeScenes } from './notices.ts';
import { late, whileLate } from './troubles.ts';
import { wrongInputScenes } from './wrongInput.ts';

/** Every ending of `onboarding`. */
export const onboardingScenes: Scenes = {
  ...grantScenes('onboarding'),
  ...wrongInputScenes('onboarding'),
  late: late('onboarding'),
  ...whileLate,
  startDate: {
    play: async (stage) => {
      stage.person({ groups: ['Editors@staff'], startAt: inDays(10) });
      const handle = await stage.begin('onboarding');
      await stage.at(handle, 'start date');
      await advance(handle, 11 * DAY);
      return ended(handle);
    },
  },
  startDateMoved: {
    play: async (stage) => {
      stage.person({ groups: ['Editors@staff'], startAt: inDays(10) });
      const handle = await stage.begin('onboarding');
      await stage.at(handle, 'start date');
      stage.person({ groups: ['Editors@staff'], startAt: inDays(-1) });
      await handle.signal('changed', { by: 'the watch' });
      return ended(handle);
    },
  },
  supersededBeforeStart: {
    play: async (stage) => {
      stage.person({ groups: ['Editors@staff'], startAt: inDays(10) });
      const handle = await stage.begin('onboarding');
      await stage.at(handle, 'start date');
      await stage.begin('offboarding');
      return ended(handle);
    },
  },
  cancelledBeforeStart: {
    play: async (stage) => {
      stage.person({ groups: ['Editors@staff'], startAt: inDays(10) });
      const handle = await stage.begin('onboarding');
      await stage.at(handle, 'start date');
      await handle.cancel();
      return ended(handle);
    },
  },
  matched: {
    play: async (stage) => {
      const handle = await unclear(stage);
      await stage.decide(handle, 'match', APPROVER, 'beta:account/two');
      return ended(handle);
    },
  },
  supersededWhileUnclear: {
    play: async (stage) => {
      const handle = await unclear(stage);
      await stage.begin('offboarding');
      return ended(handle);
    },
  },
  ...noticeScenes.onboarding,
};

/** Two accounts at a target could be the person's, both with their mail as label: nobody guesses, somebody must say. */
async function unclear(stage: Stage) {
  const { beta } = stage.rig;
  stage.person({ groups: ['Editors@staff'] });
  const label = human(0).fields['email'] ?? '';
  beta.find = async () => ['one', 'two'].map((nativeId) => ({ nativeId, how: 'email' as const, label }));
  beta.accounts.set('two', {
    nativeId: 'two',
    uuid: 'two',
    state: 'present',
    blocked: false,
    profile: {},
    held: new Set(),
  });
  const handle = await stage.begin('onboarding');
  await stage.at(handle, 'match');
  return handle;
}
