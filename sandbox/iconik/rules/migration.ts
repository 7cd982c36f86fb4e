import type { Context } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { iso, newId } from '../ids.ts';
import { recordWrite, remember } from '../kit.ts';
import { blankGroup } from '../routes/groups.ts';
import type { Group, State } from '../state.ts';
import { join } from './people.ts';

/**
 * Migrates the domain to teams and role groups, or back. What iconik makes of a legacy group is not known (`migration`):
 * here it becomes a team under its own id, so that its ACL rows go on, and its roles a role group of the same name.
 */
export function migrate(ctx: Context<State>, model: State['domain']['model']): void {
  const { domain } = ctx.state;
  const before = domain.model;
  domain.model = model;
  ctx.write({ object: 'domain', id: domain.id, before: { model: before }, after: { model } });
  if (before === model || model === 'legacy') return;
  if (CHOSEN.use(ctx, 'migration') === 'as they are') return;
  for (const group of Object.values(ctx.state.groups)) if (group.kind === null) split(ctx, group);
}

function split(ctx: Context<State>, group: Group): void {
  const was = structuredClone(group);
  remember(ctx, 'groups', group.id, was);
  Object.assign(group, { kind: 'TEAM', roles: [], date_modified: iso(ctx.now()) });
  recordWrite(ctx, 'group', group.id, was, group);
  if (was.roles.length === 0) return;
  const roleGroup: Group = {
    ...blankGroup(newId(), 'ROLE_GROUP', was.name, iso(ctx.now())),
    roles: was.roles,
    role_categories: was.role_categories,
    created_by_user: was.created_by_user,
  };
  remember(ctx, 'groups', roleGroup.id, null);
  ctx.state.groups[roleGroup.id] = roleGroup;
  recordWrite(ctx, 'group', roleGroup.id, null, roleGroup);
  for (const user of Object.values(ctx.state.users)) if (user.groups.includes(group.id)) join(ctx, user, roleGroup);
}
