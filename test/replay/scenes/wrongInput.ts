/** Input that ends a run at once. */
import { human, SECRETS } from '../people.ts';
import { ended, type Scenes } from '../stage.ts';

export const wrongInputScenes = (type: 'onboarding' | 'roleChange' | 'offboarding'): Scenes => ({
  /** What an operator pastes by mistake stands encrypted in the input; the answer must not repeat it. */
  inputInvalid: {
    play: async (stage) => ended(await stage.begin(type, { person: stage.who, passwort: SECRETS.pasted })),
  },
  unknownPerson: { play: async (stage) => ended(await stage.begin(type)) },
  protectedPerson: {
    play: async (stage) => {
      const name = { login: 'break-glass', partition: 'otds.admin', who: 'break-glass@otds.admin' };
      stage.rig.directory.set({ ...human(9009), ...name });
      return ended(await stage.begin(type, { person: name.who }));
    },
  },
});
