import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { newId } from '../ids.ts';
import { flag, ids, list, oneOf, text, whole } from '../input.ts';
import type { Call } from '../kit.ts';
import { change, chosenRefusal, defined, now, ok, param, recordWrite } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import { changeUser, needFreeEmail, needSeat, protect, removeUser } from '../rules/people.ts';
import { hasEnvironment } from '../rules/rights.ts';
import { addUser, userList } from '../rules/userList.ts';
import type { State, User } from '../state.ts';
import { USER_ROLES } from '../state.ts';

/** A user as replies show it (contract section 4.1). */
function shownUser(state: State, user: User): object {
  const groups = Object.values(state.groups).filter((group) => group.users.includes(user.id));
  const [first = '', ...rest] = user.name.split(' ');
  const all = user.role === 'master_admin' || user.sub_account_ids.length === 0;
  return {
    id: user.id,
    name: user.name,
    first_name: first,
    last_name: rest.join(' '),
    email: user.email,
    role: user.role,
    technical_role: null,
    pending: user.pending,
    enabled: user.enabled,
    status: user.pending ? 'pending' : user.enabled ? 'active' : 'disabled',
    root: user.root,
    all_sub_accounts: all,
    sub_account_ids: all ? [] : user.sub_account_ids,
    sub_account_count: all ? Object.keys(state.environments).length : user.sub_account_ids.length,
    group_count: groups.length,
    account_id: state.account.id,
    providers: user.providers,
    two_factor: user.two_factor,
    email_preferences: {},
    created_at: user.created_at,
    updated_at: user.updated_at,
    last_login: user.last_login,
  };
}

function userOf(call: Call): User {
  const user = call.state.users[param(call, 'id')];
  if (!user) throw new ApiRefusal(404, `Cannot find user with id ${param(call, 'id')}`);
  return user;
}

/** Environments named in a request; an unknown one is a 404 with the vendor's sentence. */
function environments(call: Call, wanted: string[] | undefined): string[] | undefined {
  for (const id of wanted ?? []) knownEnvironment(call, id);
  return wanted;
}

function knownEnvironment(call: Call, id: string): void {
  if (!call.state.environments[id]) throw new ApiRefusal(404, `Cannot find sub account with id ${id}`);
}

function listUsers(call: Call): Reply {
  const { input, state } = call;
  const wanted = filters(call);
  const size = whole(input, 'page_size', 1, CHOSEN.count(state, 'usersPageMax'));
  const page = whole(input, 'page', 1, 1_000_000) ?? (size === undefined ? undefined : 1);
  const { all } = userList(state);
  const users = sorted(call, wanted.length === 0 ? all : all.filter((user) => wanted.every((fits) => fits(user))));
  const shown: object[] = [];
  let [from, to] = [0, users.length];
  if (page !== undefined) {
    call.ctx.chosen('usersPageSize');
    const length = size ?? CHOSEN.count(state, 'usersPageSize');
    // Somebody was deleted between two pages, so that the next one begins one too late.
    from = (page - 1) * length + (page > 1 && call.ctx.special('pageShift') ? 1 : 0);
    to = Math.min(users.length, from + length);
    if (from >= users.length) call.ctx.chosen('pageBeyondEnd');
  }
  for (let i = from; i < to; i++) {
    const user = users.at(i);
    if (user) shown.push(shownUser(state, user));
  }
  return ok({ users: shown });
}

/** Filters combine (contract section 4.1), whatever the OAS says of `ids`. */
function filters(call: Call): ((user: User) => boolean)[] {
  const { input } = call;
  const all: ((user: User) => boolean)[] = [];
  const wantedIds = list(input, 'ids');
  const emails = list(input, 'emails')?.map((email) => email.toLowerCase());
  for (const many of [wantedIds, emails]) if ((many?.length ?? 0) > 100) throw new ApiRefusal(400, 'Too many ids');
  if (wantedIds?.length) all.push((user) => wantedIds.includes(user.id));
  if (emails?.length) all.push((user) => emails.includes(user.email.toLowerCase()));
  const status = oneOf(input, 'status', ['pending', 'active']);
  const pending = flag(input, 'pending') ?? (status === undefined ? undefined : status === 'pending');
  if (pending !== undefined) all.push((user) => user.pending === pending);
  const prefix = text(input, 'prefix')?.toLowerCase();
  if (prefix) {
    all.push((user) => user.name.toLowerCase().startsWith(prefix) || user.email.toLowerCase().startsWith(prefix));
  }
  const env = text(input, 'sub_account_id');
  if (env) {
    knownEnvironment(call, env);
    all.push((user) => hasEnvironment(user, env));
  }
  const login = loginFilter(call);
  return login ? [...all, login] : all;
}

/** `last_login=true`: logged in within the range; `false`: the rest. Days count whole, in UTC. */
function loginFilter(call: Call): ((user: User) => boolean) | null {
  const { input } = call;
  const from = day(text(input, 'from'));
  const to = day(text(input, 'to'));
  const union = oneOf(input, 'union_type', ['include', 'exclude']);
  const within = flag(input, 'last_login') ?? (from || to || union ? union !== 'exclude' : undefined);
  if (within === undefined) return null;
  return (user) => {
    const at = user.last_login?.slice(0, 10);
    return (at !== undefined && (from === null || at >= from) && (to === null || at <= to)) === within;
  };
}

function day(value: string | undefined): string | null {
  if (value === undefined || value === '') return null;
  if (!/^\d{4}-\d\d-\d\d/.test(value)) throw new ApiRefusal(400, `Invalid date ${value}`);
  return value.slice(0, 10);
}

/** A list that is read from either end: sorting or copying a large company for each page would take longest. */
type Sorted = { length: number; at(i: number): User | undefined };

function sorted(call: Call, users: readonly User[]): Sorted {
  const by = oneOf(call.input, 'sort_by', ['name', 'role', 'status', 'activity', 'created_at']) ?? 'created_at';
  const ascending = oneOf(call.input, 'sort_order', ['desc', 'asc']) === 'asc';
  const key = (user: User): string => {
    if (by === 'activity') return user.last_login ?? '';
    if (by === 'status') return user.pending ? 'pending' : user.enabled ? 'active' : 'disabled';
    return user[by].toLowerCase();
  };
  const keyed = by === 'created_at' ? null : users.map((user): [string, User] => [key(user), user]);
  keyed?.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const { length } = users; // kept in the order of creation
  return {
    length,
    at: (i) => {
      const place = ascending ? i : length - 1 - i;
      return keyed ? keyed[place]?.[1] : users[place];
    },
  };
}

function roleIn(call: Call): string | undefined {
  const role = text(call.input, 'role');
  if (role !== undefined && !USER_ROLES.some((known) => known === role))
    throw new ApiRefusal(400, `Invalid role ${role}`);
  return role;
}

function createUser(call: Call): Reply {
  const { input, state } = call;
  const [name, email] = [text(input, 'name'), text(input, 'email')];
  if (!name || !email)
    throw chosenRefusal(call, 'missingUserFields', `Missing required parameter - ${name ? 'email' : 'name'}`);
  const role = roleIn(call) ?? defaultRole(call);
  const subAccounts = environments(call, ids(input, 'sub_account_ids')) ?? [];
  needFreeEmail(call, email);
  needSeat(call);
  const user: User = {
    id: newId(),
    name,
    email,
    role,
    pending: true,
    enabled: flag(input, 'enabled') ?? true,
    root: false,
    sub_account_ids: role === 'master_admin' ? [] : subAccounts,
    providers: [],
    two_factor: false,
    created_at: now(call),
    updated_at: now(call),
    last_login: null,
  };
  addUser(state, user);
  recordWrite(call.ctx, 'user', user.id, null, user);
  call.ctx.outbox({ to: email, kind: 'invitation', link: `https://cloudinary.example/invitations/${newId(40)}` });
  return ok(shownUser(state, user));
}

function defaultRole(call: Call): string {
  if (CHOSEN.use(call.ctx, 'defaultRole') !== 'refuse') return String(CHOSEN.value(call.state, 'defaultRole'));
  throw new ApiRefusal(400, 'Missing required parameter - role');
}

function updateUser(call: Call): Reply {
  const user = userOf(call);
  const { input } = call;
  const role = roleIn(call);
  const email = text(input, 'email');
  const enabled = flag(input, 'enabled');
  const subAccounts = environments(call, ids(input, 'sub_account_ids'));
  if (email !== undefined && email.toLowerCase() !== user.email.toLowerCase()) needFreeEmail(call, email);
  if (enabled === false || (role !== undefined && role !== 'master_admin')) protect(call, user);
  const changes = defined({ name: text(input, 'name'), email, role, enabled, sub_account_ids: subAccounts });
  changeUser(call.ctx, user, changes);
  if (user.role === 'master_admin' && user.sub_account_ids.length > 0)
    change(call.ctx, 'user', user.id, user, { sub_account_ids: [] });
  return ok(shownUser(call.state, user));
}

function deleteUser(call: Call): Reply {
  const user = userOf(call);
  protect(call, user);
  removeUser(call, user);
  return ok({ message: 'ok' });
}

function groupsOfUser(call: Call): Reply {
  const user = userOf(call);
  const groups = Object.values(call.state.groups).filter((group) => group.users.includes(user.id));
  return ok({ groups: groups.map(({ id, name }) => ({ id, name })) });
}

function environmentsOfUser(call: Call): Reply {
  const user = userOf(call);
  const all = Object.values(call.state.environments).filter((env) => hasEnvironment(user, env.id));
  const shown = all.map(({ id, name, cloud_name, enabled }) => ({ id, name, description: null, cloud_name, enabled }));
  return ok({ sub_accounts: shown });
}

const FIELDS = ['name', 'email', 'role', 'sub_account_ids', 'enabled'];
const QUERY =
  'ids emails pending status prefix sub_account_id last_login from to union_type sort_by sort_order page page_size activity';

export const USER_ROUTES: Route[] = [
  { method: 'GET', path: '/users', plane: 'account', takes: QUERY.split(' '), handler: listUsers },
  { method: 'POST', path: '/users', plane: 'account', takes: FIELDS, handler: createUser },
  { method: 'GET', path: '/users/{id}', plane: 'account', handler: (call) => ok(shownUser(call.state, userOf(call))) },
  { method: 'PUT', path: '/users/{id}', plane: 'account', takes: FIELDS, handler: updateUser },
  { method: 'DELETE', path: '/users/{id}', plane: 'account', handler: deleteUser },
  { method: 'GET', path: '/users/{id}/groups', plane: 'account', handler: groupsOfUser },
  { method: 'GET', path: '/users/{id}/sub_accounts', plane: 'account', handler: environmentsOfUser },
];
