/** Runs that tell people: a joiner, a mover with the manager, a leaver's manager; and a messenger that does not answer. */
import type { Messenger } from '../../../src/systems/port.ts';
import { advance } from '../../support/world.ts';
import { leakyError } from '../people.ts';
import { APPROVER, DAY, ended, MANAGER, type Scene, type Scenes, type Stage } from '../stage.ts';

const accepting: Messenger = {
  instructions: 'Sign in with your company account.',
  tell: async () => [
    { channel: 'fcm', state: 'no_device' },
    { channel: 'email', state: 'accepted' },
  ],
};
const failing: Messenger = {
  instructions: undefined,
  tell: async () => {
    throw leakyError();
  },
};

const EDITOR = { groups: ['Editors@staff'], manager: MANAGER };

async function joiner(stage: Stage) {
  stage.person(EDITOR);
  return await stage.begin('onboarding');
}

const welcomed: Scene = { options: { messenger: accepting }, play: async (stage) => ended(await joiner(stage)) };

/** Access is proved and the claim free long before the notice is given up. */
const notTold: Scene = {
  options: { messenger: failing },
  play: async (stage) => {
    const handle = await joiner(stage);
    await advance(handle, 3_600);
    return ended(handle);
  },
};

const told: Scene = {
  options: { messenger: accepting },
  play: async (stage) => {
    await stage.joined();
    stage.person({ ...EDITOR, groups: [] });
    return ended(await stage.begin('roleChange'));
  },
};

const managerTold: Scene = {
  options: { messenger: accepting },
  play: async (stage) => {
    await ended(await joiner(stage));
    const handle = await stage.begin('offboarding', { person: stage.who, by: APPROVER, reason: 'recorded' });
    await stage.at(handle, 'last check');
    await advance(handle, 2 * DAY);
    return ended(handle);
  },
};

/** Endings that need somebody to tell, by type. */
export const noticeScenes = {
  onboarding: { welcomed, notTold },
  roleChange: { told },
  offboarding: { managerTold },
} as const satisfies Record<string, Scenes>;
