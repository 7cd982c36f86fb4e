import { ACCESS_CHECKS, CLIENT_CHECKS, RESOURCE_CHECKS } from './access.ts';
import { LOGIN_CHECKS, TENANT_CHECKS, V1_CHECKS } from './logins.ts';
import { GROUP_CHECKS, USER_CHECKS } from './people.ts';
import { PLACE_CHECKS, ROLE_CHECKS } from './places.ts';
import type { Checks } from './recorder.ts';
import { SCIM_CHECKS } from './scim.ts';
import { LICENSE_CHECKS, SYSTEM_CHECKS } from './system.ts';

/** The check of each route, by `METHOD /full/path`. */
export const CHECKS: Checks = {
  ...LOGIN_CHECKS,
  ...USER_CHECKS,
  ...GROUP_CHECKS,
  ...PLACE_CHECKS,
  ...ACCESS_CHECKS,
  ...RESOURCE_CHECKS,
  ...CLIENT_CHECKS,
  ...ROLE_CHECKS,
  ...SYSTEM_CHECKS,
  ...LICENSE_CHECKS,
  ...TENANT_CHECKS,
  ...V1_CHECKS,
  ...SCIM_CHECKS,
};
