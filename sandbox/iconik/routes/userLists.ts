import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import type { Call } from '../kit.ts';
import { contains, csv, inRange, listed, matches, page, sorted } from '../paging.ts';
import { userBasic, userItem } from '../shapes.ts';
import type { User } from '../state.ts';

type Filter = (user: User) => boolean;

/** Users by the filters of contract section 4; deleted ones only where asked for. */
export function listUsers(call: Call): Reply {
  const found = select(call, [...named(call), ...asked(call)]);
  return page(call, sorted(call, found, sortField), (user) => userItem(call.state, user), {});
}

/** Ids, e-mails and names only; no role is needed. */
export function listUsersBasic(call: Call): Reply {
  const emails = csv(call, 'emails')?.map((email) => email.toLowerCase());
  const filters: Filter[] = [(user) => user.status !== 'DELETED'];
  if (emails) filters.push((user) => emails.includes(user.email.toLowerCase()));
  const found = select(call, [...named(call), ...filters]);
  return page(call, sorted(call, found, sortField), userBasic, {});
}

/** The query is read once, not once for each user: lists of a large company stay quick. */
function select(call: Call, filters: Filter[]): User[] {
  return listed(call, 'users', call.state.users).filter((user) => filters.every((fits) => fits(user)));
}

/** What both lists can be narrowed by. */
function named(call: Call): Filter[] {
  const filters: Filter[] = [];
  const ids = csv(call, 'ids');
  if (ids) filters.push((user) => ids.includes(user.id));
  for (const field of ['email', 'first_name', 'last_name'] as const) {
    const wanted = call.req.query.get(field);
    if (wanted) filters.push((user) => matches(wanted, user[field]));
  }
  const query = call.req.query.get('query');
  if (query) {
    filters.push((user) => {
      const full = `${user.first_name ?? ''} ${user.last_name ?? ''}`;
      return contains(query, [user.first_name, user.last_name, full, user.email]);
    });
  }
  return filters;
}

/** What the full list can be narrowed by besides. */
function asked(call: Call): Filter[] {
  const filters: Filter[] = [];
  const statuses = csv(call, 'status');
  filters.push((user) => (statuses ? statuses.includes(user.status) : user.status !== 'DELETED'));
  const groups = csv(call, 'groups')?.filter((id) => filterable(call, id));
  if (groups) filters.push((user) => groups.some((id) => user.groups.includes(id)));
  const owner = call.req.query.get('is_admin')?.toLowerCase();
  if (owner) filters.push((user) => String(user.is_admin) === owner);
  for (const field of ['date_created', 'date_modified', 'password_changed'] as const) {
    const range = call.req.query.get(field);
    if (range) filters.push((user) => inRange(range, user[field]));
  }
  return filters;
}

/** Whether `groups=<team id>` finds anybody is not known; it does unless chosen otherwise. */
function filterable(call: Call, groupId: string): boolean {
  if (call.state.groups[groupId]?.kind === null || call.state.domain.model === 'legacy') return true;
  return CHOSEN.use(call.ctx, 'usersByTeamFilter') === 'works';
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
