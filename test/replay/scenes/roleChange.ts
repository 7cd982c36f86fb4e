import type { PolicyInForce } from '../../../src/provisioning/engine.ts';
import { RULES, testPolicy } from '../../support/rig.ts';
import { advance } from '../../support/world.ts';
import { DAY, ended, type Scenes, type Stage } from '../stage.ts';
import { grantScenes } from './grants.ts';
import { noticeScenes } from './notices.ts';
import { late } from './troubles.ts';
import { wrongInputScenes } from './wrongInput.ts';

const usual = testPolicy(RULES, ['otds', 'alpha', 'beta']);

/** What falls away stays a week longer. */
const withGrace: PolicyInForce = {
  ...usual,
  evaluate: (person) => {
    const said = usual.evaluate(person);
    return { ...said, wanted: { ...said.wanted, grace: { defaultMs: 7 * DAY * 1000, rules: {} } } };
  },
};

async function inGrace(stage: Stage) {
  await stage.joined();
  stage.person({ groups: [] });
  const handle = await stage.begin('roleChange');
  await stage.at(handle, 'grace');
  return handle;
}

/** Every ending of `roleChange`. */
export const roleChangeScenes: Scenes = {
  ...grantScenes('roleChange'),
  ...wrongInputScenes('roleChange'),
  late: late('roleChange'),
  grace: {
    options: { policy: withGrace },
    play: async (stage) => {
      const handle = await inGrace(stage);
      await advance(handle, 8 * DAY);
      return ended(handle);
    },
  },
  graceInterrupted: {
    options: { policy: withGrace },
    play: async (stage) => {
      const handle = await inGrace(stage);
      stage.person({ groups: ['Editors@staff'] });
      await handle.signal('changed', { by: 'the watch' });
      return ended(handle);
    },
  },
  supersededInGrace: {
    options: { policy: withGrace },
    play: async (stage) => {
      const handle = await inGrace(stage);
      await stage.begin('offboarding');
      return ended(handle);
    },
  },
  ...noticeScenes.roleChange,
};
