import { z } from 'zod';
import { deleteAfterDays, limits, mode, origin, profile, secretRef, text } from '../../config/blocks.ts';
import { defineSystem } from '../system.ts';
import { createIconik } from './target.ts';

const block = z.strictObject({
  url: origin,
  mode,
  appId: text,
  authToken: secretRef,
  fallbackTeam: text.describe("Team without access that becomes primary when a leaver's own primary team must go"),
  profile: profile({
    email: 'email',
    first_name: 'attributes.givenName',
    last_name: 'attributes.sn',
    type: '=STANDARD',
  }),
  deleteAfterDays,
  limits: limits(20_000, 40, 4),
});

export const iconikSystem = defineSystem({
  name: 'iconik',
  block,
  vocabulary: {
    kinds: {
      team: { what: 'member of a team' },
      roles: { what: 'member of a role group' },
      group: { what: 'member of a group of the legacy access model, which is team and role group in one' },
      collection: {
        what: 'access to a collection by an ACL of its own',
        levels: ['read', 'write', 'delete', 'change-acl'],
      },
      share: { what: 'owner of a share; closed when the owner leaves' },
    },
    profile: ['email', 'first_name', 'last_name', 'type', 'phone', 'description'],
  },
  check: ({ fallbackTeam }, report) => {
    if (/^(everyone|administrators?)$/i.test(fallbackTeam))
      report(
        ['fallbackTeam'],
        `"${fallbackTeam}" is a team iconik looks after itself; name one that carries no access.`,
      );
  },
  create: (config, deps) => createIconik(config, deps),
});
