import type { Route } from '../router.ts';
import { ACCESS_KEY_ROUTES } from './accessKeys.ts';
import { BULK_ROUTES } from './bulk.ts';
import { ENVIRONMENT_ROUTES } from './environments.ts';
import { FOLDER_ROUTES } from './folders.ts';
import { GROUP_ROUTES } from './groups.ts';
import { INVITE_ROUTES } from './invites.ts';
import { MESSAGE_ROUTES } from './messages.ts';
import { METADATA_FIELD_ROUTES } from './metadataFields.ts';
import { METADATA_RULE_ROUTES } from './metadataRules.ts';
import { POLICY_ROUTES } from './policies.ts';
import { PRINCIPAL_ROUTES } from './principals.ts';
import { RELATION_ROUTES } from './relations.ts';
import { RESOURCE_ROUTES } from './resources.ts';
import { ROLE_ROUTES } from './roles.ts';
import { SEARCH_ROUTES } from './search.ts';
import { TRIGGER_ROUTES } from './triggers.ts';
import { UPLOAD_ROUTES } from './upload.ts';
import { USER_ROUTES } from './users.ts';

/** Everything the stand-in answers (contract sections 4 to 10). */
export const ROUTES: readonly Route[] = [
  ...USER_ROUTES,
  ...GROUP_ROUTES,
  ...ENVIRONMENT_ROUTES,
  ...ACCESS_KEY_ROUTES,
  ...ROLE_ROUTES,
  ...PRINCIPAL_ROUTES,
  ...POLICY_ROUTES,
  ...FOLDER_ROUTES,
  ...INVITE_ROUTES,
  ...UPLOAD_ROUTES,
  ...BULK_ROUTES,
  ...RESOURCE_ROUTES,
  ...SEARCH_ROUTES,
  ...RELATION_ROUTES,
  ...METADATA_FIELD_ROUTES,
  ...METADATA_RULE_ROUTES,
  ...TRIGGER_ROUTES,
  ...MESSAGE_ROUTES,
];
