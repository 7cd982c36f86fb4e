import { recordEffect } from '../../common/effects.ts';
import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { CODES, notFound } from '../errors.ts';
import type { Call } from '../kit.ts';
import { badInput, bodyOf, chosenRefusal, created, data, deleted, list, requiredText, textOf } from '../kit.ts';
import { domainNamed, needDomainAdmin } from '../rules/rights.ts';
import type { GroupRole, Role, State } from '../state.ts';

/** Section 4.2: which group has which role in which domain. The whole of what a person may do hangs on these rows. */

export const GROUP_ROLE_BODY = ['group', 'roleName', 'roleId', 'domain'] as const;

/** Group names do not tell upper from lower case. */
function keyOf(row: GroupRole): string {
  return `${row.domain}/${row.roleId}/${row.group.toLowerCase()}`;
}

function view(state: State, row: GroupRole): object {
  return {
    group: row.group,
    roleName: state.roles[row.roleId]?.name ?? '',
    roleId: row.roleId,
    domain: { id: row.domain },
  };
}

/** GET /group-roles; GET /group-roles/{domain} */
export function listGroupRoles(call: Call): Reply {
  const domain = call.params['domain'] === undefined ? null : domainNamed(call).id;
  const rows = Object.values(call.state.groupRoles).filter((row) => domain === null || row.domain === domain);
  return list(
    call,
    rows.map((row) => view(call.state, row)),
  );
}

/** The role by id, else by name; when both are sent they must be of the same role. */
function roleIn(call: Call, body: Record<string, unknown>): Role {
  const [id, name] = [textOf(call, body, 'roleId', ''), textOf(call, body, 'roleName', '')];
  const byName = Object.values(call.state.roles).find((role) => role.name === name);
  const role = id === '' ? byName : call.state.roles[id.toLowerCase()];
  if (id === '' && name === '') throw badInput(call, 'roleId or roleName is required');
  if (!role) throw notFound(`Role ${id === '' ? name : id}`);
  if (name !== '' && role.name !== name) throw badInput(call, `roleId is that of ${role.name}, not of ${name}`);
  return role;
}

function requiredDomain(call: Call, body: Record<string, unknown>): string {
  const domain = body['domain'];
  const id = isObject(domain) ? domain['id'] : undefined;
  if (typeof id !== 'string') throw badInput(call, 'domain.id is required');
  return domainNamed(call, id).id;
}

/** The row of the body, which the caller may add or take away; 403 otherwise. */
function writable(call: Call): GroupRole {
  const body = bodyOf(call);
  const domain = requiredDomain(call, body);
  const role = roleIn(call, body);
  needDomainAdmin(call, domain, role);
  return { group: requiredText(call, body, 'group'), roleId: role.id, domain };
}

/** POST /group-roles */
export function postGroupRole(call: Call): Reply {
  const row = writable(call);
  call.ctx.chosen('GROUP_FORM');
  if (CHOSEN.use(call.ctx, 'GROUP_FORM') === 'known' && !isKnownGroup(call.state, row.group)) {
    throw badInput(call, `There is no group ${row.group}`);
  }
  const key = keyOf(row);
  const before = call.state.groupRoles[key];
  if (before) return repeated(call, key, before);
  call.state.groupRoles[key] = row;
  recordEffect(call.ctx, 'groupRole', key, null, row);
  return created(call, view(call.state, row));
}

function repeated(call: Call, key: string, row: GroupRole): Reply {
  if (CHOSEN.use(call.ctx, 'GROUPROLE_DUPLICATE') !== 200) {
    throw chosenRefusal(call, 'GROUPROLE_DUPLICATE', CODES.DUPLICATE, 'The group has this role already');
  }
  recordEffect(call.ctx, 'groupRole', key, row, row);
  return data(call, view(call.state, row));
}

function isKnownGroup(state: State, group: string): boolean {
  const wanted = group.toLowerCase();
  const inSeed = Object.values(state.people).some((person) => person.groups.some((g) => g.toLowerCase() === wanted));
  return inSeed || Object.values(state.groupRoles).some((row) => row.group.toLowerCase() === wanted);
}

/** DELETE /group-roles with a JSON body */
export function deleteGroupRole(call: Call): Reply {
  const key = keyOf(writable(call));
  const row = call.state.groupRoles[key];
  if (!row) {
    if (CHOSEN.use(call.ctx, 'GROUPROLE_ABSENT') === 200) return deleted(call);
    throw chosenRefusal(call, 'GROUPROLE_ABSENT', CODES.NOT_FOUND, 'The group does not have this role');
  }
  delete call.state.groupRoles[key];
  recordEffect(call.ctx, 'groupRole', key, row, null);
  return deleted(call);
}
