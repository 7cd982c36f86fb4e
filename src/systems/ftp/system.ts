import { defineSystem } from '../system.ts';
import { checkFtp, ftpBlock } from './block.ts';
import { createFtp } from './target.ts';

export const ftpSystem = defineSystem({
  name: 'ftp',
  block: ftpBlock,
  vocabulary: {
    kinds: { list: { what: 'on the published access list of a partner' } },
    profile: [],
  },
  check: checkFtp,
  create: createFtp,
});
