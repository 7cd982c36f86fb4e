import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import type { Call } from '../kit.ts';
import {
  ApiRefusal,
  chosenRefusal,
  created,
  noContent,
  notFound,
  ok,
  okOrNoContent,
  param,
  requiredText,
} from '../kit.ts';
import { cursor } from '../paging.ts';
import type { Route } from '../router.ts';
import { join, leave, refusePrimary } from '../rules/people.ts';
import { userView, userWithGroups } from '../shapes.ts';
import type { User } from '../state.ts';
import type { Face } from './groupKinds.ts';
import { GROUPS, ROLE_GROUPS, TEAMS, pathGroup, refuseSystem } from './groupKinds.ts';
import { pathUser } from './users.ts';

/** Teams and role groups answer with the user's teams and role groups, legacy groups do not (contract section 5). */
function view(call: Call, face: Face, user: User): object {
  return face.kind === null ? userView(call.state, user) : userWithGroups(call.state, user);
}

function add(call: Call, face: Face): Reply {
  const group = pathGroup(call, face);
  const user = pathUser(call, 'uid');
  if (user.groups.includes(group.id)) {
    if (CHOSEN.use(call.ctx, 'addMemberTwice') === 409) {
      throw chosenRefusal(call, 'addMemberTwice', 'User is already a member');
    }
  } else {
    refuseSystem(call, group);
  }
  join(call.ctx, user, group);
  return created(view(call, face, user));
}

function remove(call: Call, face: Face): Reply {
  const group = pathGroup(call, face);
  const user = pathUser(call, 'uid');
  if (!user.groups.includes(group.id)) {
    if (CHOSEN.use(call.ctx, 'removeNonMember') === 204) return noContent();
    throw notFound('Member');
  }
  refusePrimary(call, user, group.id);
  refuseSystem(call, group);
  leave(call.ctx, user, group);
  return okOrNoContent(call, view(call, face, user));
}

function routesOf(face: Face): Route[] {
  const path = `${face.path}/{id}/users/{uid}`;
  return [
    { method: 'POST', path, role: `can_write_${face.roles}`, handler: (call) => add(call, face) },
    { method: 'DELETE', path, role: `can_delete_${face.roles}`, handler: (call) => remove(call, face) },
  ];
}

type Mapping = { name: string; group_id: string };

function pathMapping(call: Call): Mapping {
  const mapping = call.state.mappings[param(call, 'name')];
  if (!mapping) throw notFound('Group mapping');
  return mapping;
}

function addMapping(call: Call): Reply {
  const mapping = { name: requiredText(call.body, 'name'), group_id: requiredText(call.body, 'group_id') };
  if (!call.state.groups[mapping.group_id]) throw new ApiRefusal(400, { group_id: 'Group does not exist.' });
  if (call.state.mappings[mapping.name]) throw new ApiRefusal(409, { name: 'Group mapping already exists' });
  call.state.mappings[mapping.name] = mapping;
  call.ctx.write({ object: 'group_mapping', id: mapping.name, before: null, after: mapping });
  return created(mapping);
}

function removeMapping(call: Call): Reply {
  const mapping = pathMapping(call);
  delete call.state.mappings[mapping.name];
  call.ctx.write({ object: 'group_mapping', id: mapping.name, before: mapping, after: null });
  return noContent();
}

const MAPPINGS = `${GROUPS.path}/mappings`;

export const memberRoutes: Route[] = [
  ...[GROUPS, TEAMS, ROLE_GROUPS].flatMap(routesOf),
  {
    method: 'GET',
    path: MAPPINGS,
    role: 'can_read_group_mappings',
    handler: (call) =>
      cursor(
        call,
        Object.values(call.state.mappings),
        (m) => m.name,
        (m) => m,
      ),
  },
  { method: 'POST', path: MAPPINGS, role: 'can_write_group_mappings', handler: addMapping },
  {
    method: 'GET',
    path: `${MAPPINGS}/{name}`,
    role: 'can_read_group_mappings',
    handler: (call) => ok(pathMapping(call)),
  },
  { method: 'DELETE', path: `${MAPPINGS}/{name}`, role: 'can_delete_group_mappings', handler: removeMapping },
];
