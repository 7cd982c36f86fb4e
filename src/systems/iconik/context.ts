import type { IconikConfig } from '../../config/types.ts';
import type { AccessModelOf } from './accessModel.ts';
import type { Catalogs } from './catalog.ts';
import type { IconikClient } from './client.ts';
import type { ApplicationList } from './warnings.ts';

/** What every part of this system works with. */
export type Iconik = {
  config: IconikConfig;
  client: IconikClient;
  model: AccessModelOf;
  catalogs: Catalogs;
  applications: ApplicationList;
};

/** True for teams and groups that iconik looks after itself: never written. */
export function isSystemGroup(
  iconik: Iconik,
  group: { name: string; is_legacy_everyone?: boolean | null | undefined },
): boolean {
  return group.is_legacy_everyone === true || iconik.client.choices.systemGroups.includes(group.name.toLowerCase());
}
