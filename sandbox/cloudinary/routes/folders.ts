import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { flag, ids, needed, text, whole } from '../input.ts';
import type { Call } from '../kit.ts';
import { ok, page, param, recordWrite } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import { may, need } from '../rules/rights.ts';
import { lineage } from '../rules/rolesOf.ts';
import { emit } from '../rules/notify.ts';
import { matcher } from '../rules/search.ts';
import {
  assetsIn,
  branch,
  cleanPath,
  folderByPath,
  foldersOf,
  makeFolder,
  moveFolder,
  nameOf,
  neededFolder,
  neededFolderId,
  parentOf,
  shownFolder,
} from '../rules/tree.ts';
import type { Folder } from '../state.ts';

const MOST_ROOTS = 2000;

function listed(call: Call, folders: Folder[]): Reply {
  const some = folders.filter((folder) => may(call, 'read', folder)).sort((a, b) => (a.path < b.path ? -1 : 1));
  const size = whole(call.input, 'max_results', 1, MOST_ROOTS) ?? MOST_ROOTS;
  const { items, next } = page(some, text(call.input, 'next_cursor'), size);
  return ok({ folders: items.map(shownFolder), next_cursor: next, total_count: some.length });
}

function children(call: Call): Reply {
  const folder = neededFolder(call, param(call, 'path'));
  need(call, 'read', folder);
  return listed(
    call,
    foldersOf(call.state, call.env.id).filter((one) => parentOf(one.path) === folder.path),
  );
}

function searchFolders(call: Call): Reply {
  const fits = matcher(text(call.input, 'expression') ?? '');
  const found = foldersOf(call.state, call.env.id)
    .filter((folder) => may(call, 'read', folder))
    .filter((folder) =>
      fits((field) => {
        if (field === 'name' || field === null) return [nameOf(folder.path)];
        if (field === 'path') return [folder.path];
        if (field === 'external_id') return [folder.external_id];
        return field === 'created_at' ? [folder.created_at] : [];
      }),
    );
  const sort = sortOf(call);
  found.sort((a, b) => (key(a, sort.by) < key(b, sort.by) ? -sort.way : sort.way));
  const size = whole(call.input, 'max_results', 1, 500) ?? 50;
  const { items, next } = page(found, text(call.input, 'next_cursor'), size);
  const cursor = next === null ? {} : { next_cursor: next };
  return ok({ total_count: found.length, time: 1, folders: items.map(shownFolder), ...cursor });
}

function sortOf(call: Call): { by: 'name' | 'path' | 'created_at'; way: 1 | -1 } {
  const given = call.input['sort_by'];
  const first: unknown = Array.isArray(given) ? given[0] : given;
  const [by, way] = isObject(first) ? (Object.entries(first)[0] ?? []) : [];
  const known = (['name', 'path', 'created_at'] as const).find((one) => one === by);
  return { by: known ?? 'path', way: way === 'desc' ? -1 : 1 };
}

function key(folder: Folder, by: 'name' | 'path' | 'created_at'): string {
  return by === 'name' ? nameOf(folder.path) : folder[by];
}

function createFolder(call: Call): Reply {
  const path = cleanPath(param(call, 'path'));
  const above = folderByPath(call.state, call.env.id, parentOf(path));
  need(call, 'create', above ?? null);
  if (folderByPath(call.state, call.env.id, path)) throw new ApiRefusal(409, `Folder ${path} already exists`);
  const folder = makeFolder(call.ctx, call.env, path);
  return ok({ success: true, ...shownFolder(folder) });
}

function updateFolder(call: Call): Reply {
  const folder = neededFolder(call, param(call, 'path'));
  need(call, 'update', folder);
  const to = cleanPath(needed(call.input, 'to_folder'));
  const from = folder.path;
  moveFolder(call, folder, to);
  return ok({ from: { name: nameOf(from), path: from }, to: { name: nameOf(to), path: to } });
}

function deleteFolder(call: Call): Reply {
  const folder = neededFolder(call, param(call, 'path'));
  need(call, 'delete', folder);
  const gone = branch(call.state, folder);
  if (gone.some((one) => assetsIn(call.state, one).length > 0)) {
    call.ctx.chosen('deleteFolderWithAssets');
    throw new ApiRefusal(CHOSEN.count(call.state, 'deleteFolderWithAssets'), 'Folder is not empty');
  }
  for (const one of gone) {
    delete call.state.folders[one.external_id];
    recordWrite(call.ctx, 'folder', one.external_id, one, null);
    for (const [id, held] of Object.entries(call.state.assignments)) {
      if (held.policy_parameters['folder_id'] !== one.external_id) continue;
      delete call.state.assignments[id];
      recordWrite(call.ctx, 'assignment', id, held, null);
    }
  }
  emit(call.ctx, call.env, 'delete_folder', { folder_path: folder.path, folder_name: nameOf(folder.path) });
  return ok({ deleted: gone.map((one) => one.path) });
}

function renameFolder(call: Call): Reply {
  const folder = neededFolder(call, needed(call.input, 'path'));
  need(call, 'update', folder);
  const moved = moveFolder(call, folder, needed(call.input, 'to_path'));
  return ok({ folder_deleted: true, moved, rejected: 0, failed: 0 });
}

function detail(call: Call, folder: Folder): object {
  need(call, 'read', folder);
  const assets = assetsIn(call.state, folder);
  const [, ...above] = lineage(call.state, folder);
  return {
    ...shownFolder(folder),
    resource_count: assets.length,
    total_bytes: assets.reduce((sum, asset) => sum + asset.bytes, 0),
    last_uploaded_at: assets.length === 0 ? null : Math.max(...assets.map((asset) => asset.version)),
    ancestors: above.reverse().map(shownFolder),
  };
}

function byPath(call: Call): Reply {
  const path = needed(call.input, 'path').replace(/^\/+|\/+$/g, '');
  const exact = flag(call.input, 'case_sensitive') ?? true;
  const folder = folderByPath(call.state, call.env.id, path, exact);
  if (!folder) throw new ApiRefusal(404, `Can't find folder with path ${path}`);
  return ok(detail(call, folder));
}

function descendants(call: Call): Reply {
  const folder = neededFolderId(call, needed(call.input, 'id'));
  const wanted = ids(call.input, 'filter_ids');
  const below = branch(call.state, folder).filter((one) => one !== folder || flag(call.input, 'inclusive') === true);
  const some = wanted?.length ? below.filter((one) => wanted.includes(one.external_id)) : below;
  return ok({ folders: some.map((one) => detail(call, one)) });
}

const path = '/folders/{path*}';
const PAGED = ['max_results', 'next_cursor'];

function roots(call: Call): Reply {
  return listed(
    call,
    foldersOf(call.state, call.env.id).filter((folder) => parentOf(folder.path) === ''),
  );
}

export const FOLDER_ROUTES: Route[] = [
  { method: 'GET', path: '/folders', plane: 'environment', takes: PAGED, handler: roots },
  {
    method: 'POST',
    path: '/folders/search',
    plane: 'environment',
    takes: ['expression', 'sort_by', ...PAGED],
    handler: searchFolders,
  },
  {
    method: 'GET',
    path: '/folders/search',
    plane: 'environment',
    takes: ['expression', 'sort_by', ...PAGED],
    handler: searchFolders,
  },
  { method: 'GET', path, plane: 'environment', takes: PAGED, handler: children },
  { method: 'POST', path, plane: 'environment', handler: createFolder },
  { method: 'PUT', path, plane: 'environment', takes: ['to_folder'], handler: updateFolder },
  { method: 'DELETE', path, plane: 'environment', handler: deleteFolder },
  {
    method: 'PUT',
    path: '/folder_operations/rename',
    plane: 'environment',
    takes: ['path', 'to_path', 'resources_limit', 'resources_size_limit', 'max_derived'],
    handler: renameFolder,
  },
  {
    method: 'PUT',
    path: '/folders/by_path',
    plane: 'environment',
    takes: ['path', 'case_sensitive'],
    handler: byPath,
  },
  {
    method: 'PUT',
    path: '/folders/by_id',
    plane: 'environment',
    takes: ['id'],
    handler: (call) => ok(detail(call, neededFolderId(call, needed(call.input, 'id')))),
  },
  {
    method: 'PUT',
    path: '/folders/descendants',
    plane: 'environment',
    takes: ['id', 'filter_ids', 'inclusive'],
    handler: descendants,
  },
];
