import { defineSystem } from '../system.ts';
import { pushBlock } from './block.ts';
import { checkPush } from './check.ts';
import { createPush } from './push.ts';

export const pushSystem = defineSystem({
  name: 'push',
  block: pushBlock,
  vocabulary: {
    kinds: { device: { what: 'a registered device; forgotten when its owner leaves' } },
    profile: [],
  },
  check: checkPush,
  create: (config, deps) => createPush(config, deps),
});
