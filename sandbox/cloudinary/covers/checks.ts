import { BASES } from '../router.ts';
import type { Plane } from '../router.ts';
import { ENVIRONMENT_CHECKS, GROUP_CHECKS, USER_CHECKS } from './account.ts';
import { RELATION_CHECKS, RESOURCE_CHECKS, UPLOAD_CHECKS } from './assets.ts';
import { FOLDER_CHECKS, INVITE_CHECKS } from './folders.ts';
import { METADATA_CHECKS } from './metadata.ts';
import { QUEUE_CHECKS, TRIGGER_CHECKS } from './notifications.ts';
import { POLICY_CHECKS, PUBLIC_CHECKS, ROLE_CHECKS } from './permissions.ts';
import type { Checks } from './recorder.ts';

function on(plane: Plane, ...groups: Checks[]): Checks {
  const all = groups.flatMap((group) => Object.entries(group));
  return Object.fromEntries(all.map(([name, check]) => [name.replace(' /', ` ${BASES[plane]}/`), check]));
}

/** The check of each route, by `METHOD /full/path`. */
export const CHECKS: Checks = {
  ...on('account', USER_CHECKS, GROUP_CHECKS, ENVIRONMENT_CHECKS),
  ...on('permissions', ROLE_CHECKS, POLICY_CHECKS),
  ...on('public', PUBLIC_CHECKS),
  ...on('environment', FOLDER_CHECKS, INVITE_CHECKS, UPLOAD_CHECKS, RESOURCE_CHECKS, RELATION_CHECKS),
  ...on('environment', METADATA_CHECKS, TRIGGER_CHECKS),
  ...on('queue', QUEUE_CHECKS),
};
