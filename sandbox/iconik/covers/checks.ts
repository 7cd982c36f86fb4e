import { ACL_CHECKS, ROW_CHECKS, TEMPLATE_CHECKS } from './acls.ts';
import { HISTORY_CHECKS, IDP_CHECKS, LOG_CHECKS, STATISTICS_CHECKS, WEBHOOK_CHECKS } from './around.ts';
import { APP_CHECKS, TOKEN_CHECKS } from './auth.ts';
import { COLLECTION_CHECKS, PROJECT_CHECKS } from './collections.ts';
import { FACE_CHECKS, MAPPING_CHECKS, SETTINGS_CHECKS } from './groups.ts';
import type { Checks } from './recorder.ts';
import { SHARE_CHECKS, SHARE_USER_CHECKS } from './shares.ts';
import { INVITE_CHECKS, USER_CHECKS } from './users.ts';

/** The check of each route, by `METHOD /full/path/`. */
export const CHECKS: Checks = {
  ...TOKEN_CHECKS,
  ...APP_CHECKS,
  ...USER_CHECKS,
  ...INVITE_CHECKS,
  ...FACE_CHECKS,
  ...MAPPING_CHECKS,
  ...SETTINGS_CHECKS,
  ...ACL_CHECKS,
  ...ROW_CHECKS,
  ...TEMPLATE_CHECKS,
  ...COLLECTION_CHECKS,
  ...PROJECT_CHECKS,
  ...SHARE_CHECKS,
  ...SHARE_USER_CHECKS,
  ...STATISTICS_CHECKS,
  ...HISTORY_CHECKS,
  ...LOG_CHECKS,
  ...IDP_CHECKS,
  ...WEBHOOK_CHECKS,
};
