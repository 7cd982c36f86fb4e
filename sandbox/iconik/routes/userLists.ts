import type { Reply } from '../../common/types.ts';
import { chosen } from '../chosen.ts';
import type { Call } from '../kit.ts';
import { contains, csv, inRange, listed, matches, page, sorted } from '../paging.ts';
import { userBasic, userItem } from '../shapes.ts';
import type { User } from '../state.ts';

/** Users by the filters of contract section 4; deleted ones only where asked for. */
export function listUsers(call: Call): Reply {
  const found = select(call).filter((user) => passes(call, user));
  return page(call, sorted(call, found, sortField), (user) => userItem(call.state, user), {});
}

/** Ids, e-mails and names only; no role is needed. */
export function listUsersBasic(call: Call): Reply {
  const emails = csv(call, 'emails')?.map((email) => email.toLowerCase());
  const found = select(call).filter(
    (user) => user.status !== 'DELETED' && (!emails || emails.includes(user.email.toLowerCase())),
  );
  return page(call, sorted(call, found, sortField), userBasic, {});
}

/** What both lists can be narrowed by. */
function select(call: Call): User[] {
  const ids = csv(call, 'ids');
  const query = call.req.query.get('query');
  return listed(call, 'users', call.state.users).filter((user) => {
    if (ids && !ids.includes(user.id)) return false;
    for (const field of ['email', 'first_name', 'last_name'] as const) {
      const wanted = call.req.query.get(field);
      if (wanted && !matches(wanted, user[field])) return false;
    }
    const full = `${user.first_name ?? ''} ${user.last_name ?? ''}`;
    return !query || contains(query, [user.first_name, user.last_name, full, user.email]);
  });
}

function passes(call: Call, user: User): boolean {
  const statuses = csv(call, 'status');
  if (statuses ? !statuses.includes(user.status) : user.status === 'DELETED') return false;
  const groups = csv(call, 'groups');
  if (groups && !groups.some((id) => user.groups.includes(id) && filterable(call, id))) return false;
  const owner = call.req.query.get('is_admin');
  if (owner && String(user.is_admin) !== owner.toLowerCase()) return false;
  for (const field of ['date_created', 'date_modified', 'password_changed'] as const) {
    const range = call.req.query.get(field);
    if (range && !inRange(range, user[field])) return false;
  }
  return true;
}

/** Whether `groups=<team id>` finds anybody is not known; it does unless chosen otherwise. */
function filterable(call: Call, groupId: string): boolean {
  if (call.state.groups[groupId]?.kind === null || call.state.domain.model === 'legacy') return true;
  call.ctx.chosen('usersByTeamFilter');
  return chosen(call.state, 'usersByTeamFilter') === 'works';
}

function sortField(user: User, name: string): string | boolean | null | undefined {
  switch (name) {
    case 'id':
    case 'email':
    case 'first_name':
    case 'last_name':
    case 'status':
    case 'type':
    case 'is_admin':
    case 'phone':
    case 'date_created':
    case 'date_modified':
    case 'last_web_login':
      return user[name];
    default:
      return undefined;
  }
}
