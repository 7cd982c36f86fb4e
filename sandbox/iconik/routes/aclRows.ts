import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { newId } from '../ids.ts';
import type { Call } from '../kit.ts';
import {
  ApiRefusal,
  created,
  fieldError,
  noContent,
  notFound,
  nowIso,
  ok,
  param,
  recordWrite,
  requiredText,
} from '../kit.ts';
import { page } from '../paging.ts';
import type { Route } from '../router.ts';
import { emptyEntry, needPermission, objectExists } from '../rules/access.ts';
import type { Grantee } from '../rules/rows.ts';
import { dropRow, rowOf, setRow } from '../rules/rows.ts';
import { templateView } from '../shapes.ts';
import type { AclRow, GranteeKind, Template } from '../state.ts';
import { LIST_LIMIT, changeable, needGrantees, pathType, readKeys, readPermissions } from './aclInput.ts';

const ID_FIELDS = { users: 'user_id', groups: 'group_id', shares: 'share_id' } as const;

function rowView(call: Call, grantee: Grantee, row: AclRow): object {
  const [object_type, object_key] = [param(call, 'type'), param(call, 'key')];
  return { [ID_FIELDS[grantee.kind]]: grantee.id, object_type, object_key, ...row };
}

/** The direct row of one user, group or share on one object. */
function getRow(call: Call, kind: GranteeKind): Reply {
  const grantee = { kind, id: param(call, 'id') };
  const [type, key] = [pathType(call), param(call, 'key')];
  if (objectExists(call.state, type, key)) needPermission(call, 'read', type, key);
  const row = rowOf(call.state, type, key, grantee);
  if (row) return ok(rowView(call, grantee, row));
  if (kind === 'users') {
    if (CHOSEN.use(call.ctx, 'missingUserAclRow') === 200) {
      return ok(rowView(call, grantee, { permissions: [], date_created: nowIso(call), date_modified: nowIso(call) }));
    }
  }
  throw notFound('ACL');
}

function hasPermission(call: Call, kind: GranteeKind): Reply {
  const grantee = { kind, id: param(call, 'id') };
  const row = rowOf(call.state, pathType(call), param(call, 'key'), grantee);
  if (!row?.permissions.includes(param(call, 'permission'))) throw new ApiRefusal(403, 'Permission denied');
  return ok(rowView(call, grantee, row));
}

function putRow(call: Call, kind: GranteeKind): Reply {
  const grantee = { kind, id: param(call, 'id') };
  const [type, key] = [pathType(call), param(call, 'key')];
  needGrantees(call, [grantee], 'unknownGranteeSingle');
  const permissions = readPermissions(call, call.body);
  if (!objectExists(call.state, type, key)) throw notFound('Object');
  needPermission(call, 'change-acl', type, key);
  const isNew = setRow(call.ctx, type, key, grantee, permissions, 'OVERWRITE');
  const row = rowOf(call.state, type, key, grantee);
  if (!row) throw new Error('A row that was set is not there.');
  const answersCreated = kind === 'shares' ? call.req.method === 'POST' : isNew;
  return answersCreated ? created(rowView(call, grantee, row)) : ok(rowView(call, grantee, row));
}

function deleteRow(call: Call, kind: GranteeKind): Reply {
  const [type, key] = [pathType(call), param(call, 'key')];
  if (objectExists(call.state, type, key)) needPermission(call, 'change-acl', type, key);
  if (!dropRow(call.ctx, type, key, { kind, id: param(call, 'id') })) throw notFound('ACL');
  return noContent();
}

function routesOf(kind: GranteeKind): Route[] {
  const path = `/API/acls/v1/${kind}/{id}/acl/{type}/{key}`;
  return [
    { method: 'GET', path, role: 'can_read_acls', handler: (call) => getRow(call, kind) },
    {
      method: 'GET',
      path: `${path}/{permission}`,
      role: 'can_read_acls',
      handler: (call) => hasPermission(call, kind),
    },
    { method: 'PUT', path, role: 'can_write_acls', handler: (call) => putRow(call, kind) },
    { method: 'DELETE', path, role: 'can_delete_acls', handler: (call) => deleteRow(call, kind) },
  ];
}

function sharesOfObject(call: Call): Reply {
  const [type, key] = [pathType(call), param(call, 'key')];
  const rows = Object.entries(call.state.acls[`${type}/${key}`]?.shares ?? {});
  return page(call, rows, ([id, row]) => rowView(call, { kind: 'shares', id }, row));
}

function putShareList(call: Call): Reply {
  const grantee: Grantee = { kind: 'shares', id: param(call, 'id') };
  needGrantees(call, [grantee], 'unknownGranteeSingle');
  const type = pathType(call);
  const permissions = readPermissions(call, call.body);
  const keys = changeable(call, type, readKeys(call, call.body, 'object_keys', LIST_LIMIT));
  for (const key of keys) setRow(call.ctx, type, key, grantee, permissions, 'OVERWRITE');
  return ok({ updated_object_keys: keys });
}

function pathTemplate(call: Call): Template {
  const template = call.state.templates[param(call, 'tid')];
  if (!template) throw notFound('ACL template');
  return template;
}

function createTemplate(call: Call): Reply {
  const now = nowIso(call);
  const name = requiredText(call.body, 'name');
  const template: Template = { id: newId(), name, entry: emptyEntry(), date_created: now, date_modified: now };
  call.state.templates[template.id] = template;
  call.ctx.write({ object: 'acl_template', id: template.id, before: null, after: { name } });
  return created(templateView(template));
}

function editTemplate(call: Call): Reply {
  const template = pathTemplate(call);
  const before = templateView(template);
  Object.assign(template, { name: requiredText(call.body, 'name'), date_modified: nowIso(call) });
  recordWrite(call.ctx, 'acl_template', template.id, before, templateView(template));
  return ok(templateView(template));
}

function removeTemplate(call: Call): Reply {
  const template = pathTemplate(call);
  delete call.state.templates[template.id];
  call.ctx.write({ object: 'acl_template', id: template.id, before: { name: template.name }, after: null });
  return noContent();
}

/** Copies a template's entries as direct rows; later edits of the template do not follow (contract section 6). */
export function applyTemplate(call: Call, template: Template, type: string, key: string): void {
  for (const kind of ['users', 'groups'] as const) {
    for (const [id, row] of Object.entries(template.entry[kind])) {
      setRow(call.ctx, type, key, { kind, id }, row.permissions, 'OVERWRITE');
    }
  }
}

function copyTemplate(call: Call): Reply {
  const template = pathTemplate(call);
  const [type, key] = [pathType(call), param(call, 'key')];
  if (!objectExists(call.state, type, key)) throw fieldError('object_key', 'Object does not exist.', 404);
  needPermission(call, 'change-acl', type, key);
  applyTemplate(call, template, type, key);
  return ok({});
}

const S = '/API/acls/v1/shares';
const T = '/API/acls/v1/acl/templates';

export const aclRowRoutes: Route[] = [
  ...(['users', 'groups', 'shares'] as const).flatMap(routesOf),
  { method: 'POST', path: `${S}/{id}/acl/{type}/{key}`, role: 'can_write_acls', handler: (c) => putRow(c, 'shares') },
  { method: 'PUT', path: `${S}/{id}/acl/{type}`, role: 'can_write_acls', handler: putShareList },
  { method: 'GET', path: `${S}/{type}/{key}`, role: 'can_read_acls', handler: sharesOfObject },
  {
    method: 'GET',
    path: T,
    role: 'can_read_acl_templates',
    handler: (call) => ok({ objects: Object.values(call.state.templates).map(templateView) }),
  },
  { method: 'POST', path: T, role: 'can_write_acl_templates', handler: createTemplate },
  {
    method: 'GET',
    path: `${T}/{tid}`,
    role: 'can_read_acl_templates',
    handler: (call) => ok(templateView(pathTemplate(call))),
  },
  { method: 'PATCH', path: `${T}/{tid}`, role: 'can_write_acl_templates', handler: editTemplate },
  { method: 'PUT', path: `${T}/{tid}`, role: 'can_write_acl_templates', handler: editTemplate },
  { method: 'DELETE', path: `${T}/{tid}`, role: 'can_delete_acl_templates', handler: removeTemplate },
  { method: 'POST', path: `${T}/{tid}/{type}/{key}`, role: 'can_write_acls', handler: copyTemplate },
];
