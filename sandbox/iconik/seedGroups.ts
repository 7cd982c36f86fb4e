import { idOf } from './ids.ts';
import { ALL_ROLES, SERVICE_ROLES } from './roles.ts';
import { blankGroup } from './routes/groups.ts';
import type { Group } from './state.ts';

const DEPARTMENTS = ['Marketing', 'Post', 'Legal'];
const REGIONS = ['EMEA', 'Americas', 'APAC'];
const UNITS = ['Brand', 'Trailers', 'Rights'];

/** Teams that have a workspace: a root collection of the same name. */
export const WORKSPACES: readonly string[] = [
  'Marketing',
  'Post Production',
  'Legal',
  'Contractors',
  'Project Aurora',
  ...DEPARTMENTS.flatMap((department) => REGIONS.map((region) => `${department} ${region}`)),
  ...UNITS.map((unit) => `Unit ${unit}`),
];

/** Without a workspace: what people are in who are in nothing else. */
const FORMER = 'Former Members';

const VIEW = ['can_read_assets', 'can_read_collections'];
const EDIT = [
  'can_write_assets',
  'can_create_collections',
  'can_write_collections',
  'can_read_shares',
  'can_write_shares',
];

/** Role groups of the worked example, and the one of the service account. */
const ROLE_GROUPS: Record<string, readonly string[]> = {
  Viewer: VIEW,
  Reviewer: [...VIEW, 'can_read_shares'],
  Editor: [...VIEW, ...EDIT],
  Approver: [...VIEW, 'can_read_shares', 'can_write_approval_status'],
  'Media Library Admin': ALL_ROLES.filter((role) => !role.includes('system_domains') && !role.includes('_apps')),
  'Tenure Service': SERVICE_ROLES,
};

export function teamId(name: string): string {
  return idOf('team', name);
}

export function roleGroupId(name: string): string {
  return idOf('role_group', name);
}

/** Every team and role group of the seed; "Everyone" and "Administrator" are iconik's own. */
export function seedGroups(now: string): Record<string, Group> {
  const groups: Group[] = [
    { ...blankGroup(teamId('Everyone'), 'TEAM', 'Everyone', now), is_system: true, is_legacy_everyone: true },
    ...[...WORKSPACES, FORMER].map((name) => blankGroup(teamId(name), 'TEAM', name, now)),
    {
      ...blankGroup(roleGroupId('Administrator'), 'ROLE_GROUP', 'Administrator', now),
      roles: [...ALL_ROLES],
      is_system: true,
    },
    ...Object.entries(ROLE_GROUPS).map(([name, roles]) => ({
      ...blankGroup(roleGroupId(name), 'ROLE_GROUP', name, now),
      roles: [...roles].sort(),
    })),
  ];
  return Object.fromEntries(groups.map((group) => [group.id, group]));
}
