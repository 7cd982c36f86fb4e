import type { Route } from '../router.ts';
import { aclRowRoutes } from './aclRows.ts';
import { aclRoutes } from './acls.ts';
import { appRoutes } from './apps.ts';
import { collectionRoutes } from './collections.ts';
import { groupRoutes } from './groups.ts';
import { inviteRoutes } from './invites.ts';
import { memberRoutes } from './members.ts';
import { projectRoutes } from './projects.ts';
import { settingsRoutes } from './settings.ts';
import { shareRoutes } from './shares.ts';
import { shareUserRoutes } from './shareUsers.ts';
import { tokenRoutes } from './tokens.ts';
import { userRoutes } from './users.ts';

/** Contract sections 3 to 8. Webhooks, statistics, log recipients, identity providers and history are not here yet. */
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
];
