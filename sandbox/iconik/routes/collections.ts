import { toJson } from '../../common/effects.ts';
import type { Reply } from '../../common/types.ts';
import { isUuid, newId } from '../ids.ts';
import type { Call } from '../kit.ts';
import {
  ApiRefusal,
  acceptedOrNoContent,
  created,
  fieldError,
  noContent,
  notFound,
  nowIso,
  ok,
  oneOf,
  param,
  recordWrite,
  remember,
  requiredText,
  text,
} from '../kit.ts';
import { contains, csv, listed, page, sorted } from '../paging.ts';
import type { Route } from '../router.ts';
import { may, needPermission } from '../rules/access.ts';
import { later } from '../rules/background.ts';
import { setRow } from '../rules/rows.ts';
import { ancestorsOf, childrenOf, descendantsOf } from '../rules/tree.ts';
import { collectionView } from '../shapes.ts';
import type { Collection } from '../state.ts';
import { applyTemplate } from './aclRows.ts';

const STATUSES = ['ACTIVE', 'HIDDEN'] as const;

function pathCollection(call: Call, permission: string): Collection {
  const collection = call.state.collections[param(call, 'id')];
  if (!collection) throw notFound('Collection');
  needPermission(call, permission, 'collections', collection.id);
  return collection;
}

const view = (call: Call, collection: Collection): object => collectionView(call.state, collection, call.me);

/** Collections that the caller may read; deleted ones only where `status` asks for them. */
function list(call: Call): Reply {
  const root = call.req.query.get('is_root')?.toLowerCase();
  const statuses = csv(call, 'status');
  const found = listed(call, 'collections', call.state.collections).filter((collection) => {
    if (root !== undefined && String(collection.is_root) !== root) return false;
    if (statuses ? !statuses.includes(collection.status) : collection.status === 'DELETED') return false;
    return may(call.state, call.me, 'read', 'collections', collection.id);
  });
  return page(call, sorted(call, found, sortField), (collection) => view(call, collection));
}

function sortField(collection: Collection, name: string): string | boolean | null | undefined {
  switch (name) {
    case 'id':
    case 'title':
    case 'external_id':
    case 'is_root':
    case 'status':
    case 'date_created':
    case 'date_modified':
      return collection[name];
    default:
      return undefined;
  }
}

function readFields(call: Call): Partial<Collection> & { title: string } {
  const change: Partial<Collection> & { title: string } = { title: requiredText(call.body, 'title') };
  for (const field of ['external_id', 'storage_id', 'category'] as const) {
    const value = text(call.body, field);
    if (value !== undefined) change[field] = value;
  }
  const status = oneOf(call.body, 'status', STATUSES);
  if (status) change.status = status;
  return change;
}

/** `parent_id`: a collection that is there and that the caller may write to. */
function readParent(call: Call): string | null | undefined {
  const parent = text(call.body, 'parent_id');
  if (!parent) return parent;
  if (!isUuid(parent) || !call.state.collections[parent]) throw fieldError('parent_id', 'Collection does not exist.');
  needPermission(call, 'write', 'collections', parent);
  return parent;
}

function create(call: Call): Reply {
  const change = readFields(call);
  const parent = readParent(call) ?? null;
  const collection = addCollection(call, change, parent);
  applyAcls(call, collection, parent);
  return created(view(call, collection));
}

/** Puts a new collection into the tree and records it. */
export function addCollection(
  call: Call,
  change: Partial<Collection> & { title: string },
  parent: string | null,
): Collection {
  const now = nowIso(call);
  const collection: Collection = {
    id: newId(),
    parent_id: parent,
    in_collections: parent ? [parent] : [],
    is_root: parent === null,
    status: 'ACTIVE',
    external_id: null,
    storage_id: null,
    category: null,
    project_id: null,
    created_by_user: call.me.id,
    deleted_by_user: null,
    date_deleted: null,
    date_created: now,
    date_modified: now,
    ...change,
  };
  remember(call.ctx, 'collections', collection.id, null);
  call.state.collections[collection.id] = collection;
  call.ctx.write({ object: 'collection', id: collection.id, before: null, after: toJson(collection) });
  return collection;
}

/** The ACL switches of a create, with the defaults of contract section 7: default ACLs leak access. */
function applyAcls(call: Call, collection: Collection, parent: string | null): void {
  const on = (name: string, fallback: boolean): boolean =>
    (call.req.query.get(name) ?? String(fallback)).toLowerCase() === 'true';
  const templates = [
    on('apply_default_acls', true) && !on('restrict_collection_acls', false) ? defaultTemplate(call) : null,
    call.req.query.get('apply_acl_template_id'),
  ];
  for (const id of templates) {
    if (!id) continue;
    const template = call.state.templates[id];
    if (!template) throw fieldError('apply_acl_template_id', 'ACL template does not exist.');
    applyTemplate(call, template, 'collections', collection.id);
  }
  const above = parent ? call.state.acls[`collections/${parent}`] : undefined;
  if (!above || !on('apply_collection_acls', false)) return;
  for (const kind of ['users', 'groups'] as const) {
    for (const [id, row] of Object.entries(above[kind])) {
      setRow(call.ctx, 'collections', collection.id, { kind, id }, row.permissions, 'APPEND');
    }
  }
}

/** The template of the creator's primary group, else of the domain. */
function defaultTemplate(call: Call): string | null {
  const own = call.state.settings[call.me.primary_group ?? '']?.['acl_template_id'];
  const domain = call.state.settings['system']?.['acl_template_id'];
  return typeof own === 'string' ? own : typeof domain === 'string' ? domain : null;
}

function edit(call: Call): Reply {
  const collection = pathCollection(call, 'write');
  const before = structuredClone(collection);
  const change = readFields(call);
  const parent = readParent(call);
  if (parent !== undefined) Object.assign(change, moved(call, collection, parent));
  remember(call.ctx, 'collections', collection.id, before);
  Object.assign(collection, change, { date_modified: nowIso(call) });
  recordWrite(call.ctx, 'collection', collection.id, before, collection);
  return ok(view(call, collection));
}

/** `change_parent_mode`: move (the default) leaves the old parent, copy stays in it as well. */
function moved(call: Call, collection: Collection, parent: string | null): Partial<Collection> {
  if (parent && (parent === collection.id || ancestorsOf(call.state, 'collections', parent).includes(collection.id))) {
    throw fieldError('parent_id', 'A collection cannot lie in itself.');
  }
  const mode = call.req.query.get('change_parent_mode') ?? 'move';
  if (mode !== 'move' && mode !== 'copy') throw fieldError('change_parent_mode', 'Must be one of: move, copy.');
  const kept = collection.in_collections.filter((id) => mode === 'copy' || id !== collection.parent_id);
  return {
    parent_id: parent,
    is_root: parent === null,
    in_collections: [...new Set([...kept, ...(parent ? [parent] : [])])],
  };
}

function remove(call: Call): Reply {
  const collection = pathCollection(call, 'delete');
  later(call.ctx, { job: 'deleteCollection', collection: collection.id, by: call.me.id });
  return acceptedOrNoContent(call);
}

function restore(call: Call): Reply {
  const collection = pathCollection(call, 'write');
  const below = descendantsOf(call.state, collection.id).filter((item) => item.type === 'collections');
  for (const { id } of [{ id: collection.id }, ...below]) {
    const each = call.state.collections[id];
    if (!each || each.status !== 'DELETED') continue;
    const before = structuredClone(each);
    remember(call.ctx, 'collections', id, before);
    Object.assign(each, { status: 'ACTIVE', date_deleted: null, deleted_by_user: null });
    recordWrite(call.ctx, 'collection', id, before, each);
  }
  return { status: 202, body: { job_id: newId(), status: 'STARTED' } };
}

function purge(call: Call): Reply {
  const collection = pathCollection(call, 'delete');
  if (childrenOf(call.state, collection.id).length > 0) throw new ApiRefusal(403, 'Collection is not empty');
  remember(call.ctx, 'collections', collection.id, collection);
  delete call.state.collections[collection.id];
  call.ctx.write({ object: 'collection', id: collection.id, before: toJson(collection), after: null });
  return acceptedOrNoContent(call);
}

function ancestors(call: Call): Reply {
  const collection = pathCollection(call, 'read');
  const found = ancestorsOf(call.state, 'collections', collection.id).toReversed();
  return ok({ objects: found.flatMap((id) => call.state.collections[id] ?? []).map((one) => view(call, one)) });
}

/** What lies directly in a collection and may be read; an asset is shown with its title and place only. */
function contents(call: Call): Reply {
  const collection = pathCollection(call, 'read');
  const types = csv(call, 'object_types');
  const found = childrenOf(call.state, collection.id).filter(
    ({ type, id }) => (!types || types.includes(type)) && may(call.state, call.me, 'read', type, id),
  );
  return page(call, found, ({ id }) => {
    const inner = call.state.collections[id];
    return inner ? view(call, inner) : { status: 'ACTIVE', ...call.state.things[id] };
  });
}

function target(call: Call, type: string, id: string): { in_collections: string[] } {
  const found = type === 'collections' ? call.state.collections[id] : call.state.things[id];
  if (!found) throw notFound('Object');
  return found;
}

function addContent(call: Call): Reply {
  const collection = pathCollection(call, 'write');
  const object_id = requiredText(call.body, 'object_id');
  const object_type = requiredText(call.body, 'object_type');
  const object = target(call, object_type, object_id);
  if (object_id === collection.id || ancestorsOf(call.state, 'collections', collection.id).includes(object_id)) {
    throw fieldError('object_id', 'A collection cannot lie in itself.');
  }
  const before = { in_collections: object.in_collections };
  object.in_collections = [...new Set([...object.in_collections, collection.id])];
  recordWrite(call.ctx, 'content', `${collection.id}/${object_id}`, before, { in_collections: object.in_collections });
  return created({ collection_id: collection.id, object_id, object_type, date_created: nowIso(call) });
}

function removeContent(call: Call): Reply {
  const collection = pathCollection(call, 'write');
  const object = target(call, param(call, 'type'), param(call, 'oid'));
  if (!object.in_collections.includes(collection.id)) throw notFound('Object');
  const before = { in_collections: object.in_collections };
  object.in_collections = object.in_collections.filter((id) => id !== collection.id);
  const id = `${collection.id}/${param(call, 'oid')}`;
  recordWrite(call.ctx, 'content', id, before, { in_collections: object.in_collections });
  return noContent();
}

/** `POST /API/search/v1/search/` for collections, which is all that is needed of it here. */
function search(call: Call): Reply {
  const query = text(call.body, 'query') ?? '';
  const found = listed(call, 'collections', call.state.collections).filter(
    (one) =>
      one.status !== 'DELETED' &&
      contains(query || '*', [one.title, one.external_id]) &&
      may(call.state, call.me, 'read', 'collections', one.id),
  );
  return page(call, sorted(call, found, sortField), (collection) => view(call, collection), {});
}

const C = '/API/assets/v1/collections';
const [READ, WRITE] = ['can_read_collections', 'can_write_collections'] as const;

export const collectionRoutes: Route[] = [
  { method: 'GET', path: C, role: READ, handler: list },
  { method: 'POST', path: C, role: 'can_create_collections', handler: create },
  { method: 'GET', path: `${C}/{id}`, role: READ, handler: (call) => ok(view(call, pathCollection(call, 'read'))) },
  { method: 'PATCH', path: `${C}/{id}`, role: WRITE, handler: edit },
  { method: 'PUT', path: `${C}/{id}`, role: WRITE, handler: edit },
  { method: 'DELETE', path: `${C}/{id}`, role: 'can_delete_collections', handler: remove },
  { method: 'PUT', path: `${C}/{id}/restore`, role: WRITE, handler: restore },
  { method: 'DELETE', path: `${C}/{id}/purge`, role: 'can_purge_collections', handler: purge },
  { method: 'GET', path: `${C}/{id}/contents`, role: READ, handler: contents },
  { method: 'POST', path: `${C}/{id}/contents`, role: WRITE, handler: addContent },
  { method: 'DELETE', path: `${C}/{id}/contents/{type}/{oid}`, role: WRITE, handler: removeContent },
  { method: 'GET', path: `${C}/{id}/ancestors`, role: READ, handler: ancestors },
  { method: 'POST', path: '/API/search/v1/search', role: READ, handler: search },
];
