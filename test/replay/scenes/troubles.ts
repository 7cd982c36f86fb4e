/** A day on which systems fail: they count as late, and the run goes on by itself when they are back. */
import { SystemError } from '../../../src/systems/errors.ts';
import { advance } from '../../support/world.ts';
import { leakyError } from '../people.ts';
import { ended, type Scene, type Scenes, type Stage } from '../stage.ts';

/** Directory and one target fail with texts that hold secrets and names, the other target with a coded refusal. */
export const late = (type: 'onboarding' | 'roleChange' | 'offboarding'): Scene => ({
  play: async (stage) => {
    const { alpha, beta, directory } = stage.rig;
    await stage.joined();
    if (type !== 'offboarding') stage.person({ groups: ['Editors@staff', 'Readers@staff'] });
    let ill = true;
    const read = directory.person.bind(directory);
    directory.person = async (who) => {
      if (ill) throw leakyError();
      return await read(who);
    };
    alpha.stale = () => {
      throw leakyError();
    };
    beta.stale = () => {
      throw new SystemError({ code: 'BETA_DOWN', system: 'beta', retryable: true, message: 'beta does not answer.' });
    };
    const handle = await stage.begin(type);
    await advance(handle, 120);
    await stage.when(handle, 'a late directory', (s) => s.needsAttention);
    ill = false;
    await advance(handle, 600);
    const targets = ['alpha', 'beta'];
    await stage.when(handle, 'late targets', (s) =>
      targets.every((name) => s.rows.some((r) => r.about === name && r.state.startsWith('late'))),
    );
    alpha.stale = undefined;
    beta.stale = undefined;
    // Past the back-off, and for a leaver past the last check.
    await advance(handle, 3 * 86_400);
    return ended(handle);
  },
});

/** One target is away while the rest of an onboarding goes on, up to the approval. */
async function oneAway(stage: Stage) {
  await stage.joined();
  stage.person({ groups: ['Editors@staff', 'Admins@staff'] });
  stage.rig.alpha.stale = () => {
    throw leakyError();
  };
  const handle = await stage.begin('onboarding');
  await advance(handle, 60);
  await stage.when(handle, 'an approval and a late target', (s) => s.stage === 'approval' && s.needsAttention);
  return handle;
}

export const whileLate: Scenes = {
  approvedWhileLate: {
    play: async (stage) => {
      const handle = await oneAway(stage);
      await stage.decide(handle, 'approve');
      await stage.at(handle, 'late');
      stage.rig.alpha.stale = undefined;
      await advance(handle, 3_600);
      return ended(handle);
    },
  },
  supersededWhileLate: {
    play: async (stage) => {
      const handle = await oneAway(stage);
      await stage.begin('offboarding');
      return ended(handle);
    },
  },
  cancelledWhileLate: {
    play: async (stage) => {
      const handle = await oneAway(stage);
      stage.rig.alpha.stale = undefined;
      await handle.cancel();
      return ended(handle);
    },
  },
};
