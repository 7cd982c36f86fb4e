import { z } from 'zod';
import { limits, mode, origin, profile, secretRef } from '../../../src/config/blocks.ts';
import { defineSystem } from '../../../src/systems/system.ts';
import { createBadge } from './target.ts';

const block = z.strictObject({
  url: origin,
  mode,
  key: secretRef,
  profile: profile({ name: 'attributes.displayName', mail: 'email' }),
  limits: limits(5_000, 50, 4),
});

export type BadgeConfig = z.infer<typeof block>;

export const badgeSystem = defineSystem({
  name: 'badge',
  block,
  vocabulary: { kinds: { door: { what: 'opens a door' } }, profile: ['name', 'mail'] },
  create: (config, deps) => createBadge(config, deps),
});
