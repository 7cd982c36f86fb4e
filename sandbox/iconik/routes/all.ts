import type { Route } from '../router.ts';
import { aclRowRoutes } from './aclRows.ts';
import { aclRoutes } from './acls.ts';
import { appRoutes } from './apps.ts';
import { collectionRoutes } from './collections.ts';
import { groupRoutes } from './groups.ts';
import { identityProviderRoutes } from './identityProviders.ts';
import { inviteRoutes } from './invites.ts';
import { logRecipientRoutes } from './logRecipients.ts';
import { memberRoutes } from './members.ts';
import { projectRoutes } from './projects.ts';
import { settingsRoutes } from './settings.ts';
import { shareRoutes } from './shares.ts';
import { shareUserRoutes } from './shareUsers.ts';
import { statisticsRoutes } from './statistics.ts';
import { tokenRoutes } from './tokens.ts';
import { userRoutes } from './users.ts';
import { webhookRoutes } from './webhooks.ts';

/** Contract sections 3 to 11. */
export const ROUTES: readonly Route[] = [
  ...userRoutes,
  ...inviteRoutes,
  ...groupRoutes,
  ...memberRoutes,
  ...aclRoutes,
  ...aclRowRoutes,
  ...collectionRoutes,
  ...projectRoutes,
  ...shareRoutes,
  ...shareUserRoutes,
  ...tokenRoutes,
  ...appRoutes,
  ...settingsRoutes,
  ...identityProviderRoutes,
  ...statisticsRoutes,
  ...logRecipientRoutes,
  ...webhookRoutes,
];
