import { toJson } from '../../common/effects.ts';
import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { newId } from '../ids.ts';
import type { Call } from '../kit.ts';
import {
  chosenRefusal,
  created,
  fieldError,
  noContent,
  nowIso,
  ok,
  oneOf,
  recordWrite,
  remember,
  requiredText,
  text,
  texts,
} from '../kit.ts';
import { contains, csv, inRange, listed, matches, page, sorted } from '../paging.ts';
import { CATEGORIES, carriesRoles } from '../roles.ts';
import type { Route } from '../router.ts';
import { changeUser, dropEverywhere, kindOf, leave } from '../rules/people.ts';
import { groupView } from '../shapes.ts';
import type { Group } from '../state.ts';
import { USER_TYPES } from '../state.ts';
import type { Face } from './groupKinds.ts';
import { GROUPS, ROLE_GROUPS, TEAMS, needModel, pathGroup, refuseSystem, shows } from './groupKinds.ts';

function list(call: Call, face: Face, fits: (group: Group) => boolean, view: (group: Group) => object): Reply {
  if (face.kind !== null && call.state.domain.model === 'legacy') {
    if (CHOSEN.use(call.ctx, 'legacyTeamsList') === 404) throw chosenRefusal(call, 'legacyTeamsList', 'Not found');
  }
  const found = listed(call, 'groups', call.state.groups).filter((group) => fits(group) && passes(call, group));
  return page(call, sorted(call, found, sortField), view, {});
}

function passes(call: Call, group: Group): boolean {
  const ids = csv(call, 'ids');
  if (ids && !ids.includes(group.id)) return false;
  for (const field of ['name', 'alias', 'description'] as const) {
    const wanted = call.req.query.get(field);
    if (wanted && !matches(wanted, group[field])) return false;
  }
  const roles = csv(call, 'roles');
  if (roles && !(carriesRoles(call.state, group) && roles.some((role) => group.roles.includes(role)))) return false;
  for (const field of ['date_created', 'date_modified'] as const) {
    const range = call.req.query.get(field);
    if (range && !inRange(range, group[field])) return false;
  }
  const query = call.req.query.get('query');
  return !query || contains(query, [group.name, group.alias, group.description]);
}

function sortField(group: Group, name: string): string | null | undefined {
  switch (name) {
    case 'id':
    case 'name':
    case 'alias':
    case 'description':
    case 'date_created':
    case 'date_modified':
      return group[name];
    default:
      return undefined;
  }
}

/** The fields that a create, PATCH or PUT brings. `name` is needed on each of them (contract section 5). */
function readFields(call: Call, withRoles: boolean): Partial<Group> & { name: string } {
  const { body } = call;
  const change: Partial<Group> & { name: string } = { name: requiredText(body, 'name') };
  for (const field of ['alias', 'description', 'external_id'] as const) {
    const value = text(body, field);
    if (value !== undefined) change[field] = value;
  }
  const type = oneOf(body, 'default_user_type', USER_TYPES);
  if (type) change.default_user_type = type;
  const priority = body['saml_primary_group_priority'];
  if (typeof priority === 'number') change.saml_primary_group_priority = priority;
  if (!withRoles) return change;
  const roles = texts(body, 'roles');
  const odd = roles?.find((role) => !role.startsWith('can_'));
  if (odd !== undefined) throw fieldError('roles', `Unknown role ${odd}.`);
  if (roles) change.roles = roles;
  const categories = body['role_categories'];
  if (isObject(categories)) {
    change.role_categories = Object.fromEntries(CATEGORIES.map((name) => [name, categories[name] === true]));
  }
  return change;
}

export function blankGroup(id: string, kind: Group['kind'], name: string, now: string): Group {
  return {
    id,
    kind,
    name,
    alias: null,
    description: null,
    external_id: null,
    roles: [],
    role_categories: {},
    default_user_type: null,
    saml_primary_group_priority: 0,
    is_saml_group: false,
    is_legacy_everyone: false,
    is_system: false,
    created_by_user: null,
    date_created: now,
    date_modified: now,
  };
}

function create(call: Call, face: Face): Reply {
  needModel(call, face);
  const change = readFields(call, face.kind !== 'TEAM');
  const blank = blankGroup(newId(), face.kind, change.name, nowIso(call));
  const group: Group = { ...blank, ...change, created_by_user: call.me.id };
  remember(call.ctx, 'groups', group.id, null);
  call.state.groups[group.id] = group;
  call.ctx.write({ object: 'group', id: group.id, before: null, after: toJson(group) });
  return created(groupView(call.state, group));
}

function edit(call: Call, face: Face): Reply {
  const group = pathGroup(call, face);
  refuseSystem(call, group);
  const before = structuredClone(group);
  const change = readFields(call, carriesRoles(call.state, group));
  remember(call.ctx, 'groups', group.id, before);
  Object.assign(group, change, { date_modified: nowIso(call) });
  recordWrite(call.ctx, 'group', group.id, before, group);
  return ok(groupView(call.state, group));
}

function remove(call: Call, face: Face): Reply {
  const group = pathGroup(call, face);
  refuseSystem(call, group);
  const { everyone } = call.state.domain;
  for (const user of Object.values(call.state.users)) {
    if (!user.groups.includes(group.id)) continue;
    if (user.primary_group === group.id) {
      const next = CHOSEN.use(call.ctx, 'groupDeletedPrimary') === 'everyone' ? everyone : null;
      changeUser(call.ctx, user, { primary_group: next });
    }
    leave(call.ctx, user, group);
  }
  remember(call.ctx, 'groups', group.id, group);
  delete call.state.groups[group.id];
  if (CHOSEN.use(call.ctx, 'aclOfDeletedGrantee') === 'removed') dropEverywhere(call.state, 'groups', group.id);
  call.ctx.write({ object: 'group', id: group.id, before: toJson(group), after: null });
  return noContent();
}

function routesOf(face: Face): Route[] {
  const read = `can_read_${face.roles}`;
  const write = `can_write_${face.roles}`;
  const one = `${face.path}/{id}`;
  const full = (call: Call, group: Group): object => groupView(call.state, group);
  // `groups/basic/` shows the groups without a type only (contract section 5).
  const basic = (call: Call, group: Group): boolean =>
    face.kind === null ? kindOf(call.state, group) === null : shows(call, face, group);
  return [
    {
      method: 'GET',
      path: face.path,
      role: read,
      handler: (call) =>
        list(
          call,
          face,
          (group) => shows(call, face, group),
          (group) => full(call, group),
        ),
    },
    {
      method: 'GET',
      path: `${face.path}/basic`,
      handler: (call) => list(call, face, (group) => basic(call, group), named),
    },
    { method: 'POST', path: face.path, role: write, handler: (call) => create(call, face) },
    { method: 'GET', path: one, role: read, handler: (call) => ok(full(call, pathGroup(call, face))) },
    { method: 'PATCH', path: one, role: write, handler: (call) => edit(call, face) },
    { method: 'PUT', path: one, role: write, handler: (call) => edit(call, face) },
    { method: 'DELETE', path: one, role: `can_delete_${face.roles}`, handler: (call) => remove(call, face) },
  ];
}

const named = ({ id, name, alias, kind }: Group): object => ({ id, name, alias, group_type: kind });

export const groupRoutes: Route[] = [
  ...[GROUPS, TEAMS, ROLE_GROUPS].flatMap(routesOf),
  { method: 'GET', path: `${GROUPS.path}/all/basic`, handler: (call) => list(call, GROUPS, () => true, named) },
];
