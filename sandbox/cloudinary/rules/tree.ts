import { newId, iso } from '../ids.ts';
import type { Call } from '../kit.ts';
import { recordWrite } from '../kit.ts';
import type { Context } from '../../common/types.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Asset, Environment, Folder, State } from '../state.ts';
import { emit } from './notify.ts';

export function foldersOf(state: State, env: string): Folder[] {
  return Object.values(state.folders).filter((folder) => folder.env === env);
}

export function nameOf(path: string): string {
  return path.split('/').at(-1) ?? path;
}

export function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

/** A path without slashes at its ends; a folder name cannot be empty. */
export function cleanPath(path: string): string {
  const clean = path.replace(/^\/+|\/+$/g, '');
  if (clean === '' || clean.split('/').some((name) => name.trim() === '' || /[?&#%<>\\]/.test(name)))
    throw new ApiRefusal(400, `Invalid folder path ${path}`);
  return clean;
}

export function folderByPath(state: State, env: string, path: string, caseSensitive = true): Folder | undefined {
  const same = caseSensitive ? (p: string) => p === path : (p: string) => p.toLowerCase() === path.toLowerCase();
  return foldersOf(state, env).find((folder) => same(folder.path));
}

export function neededFolder(call: Call, path: string): Folder {
  const folder = folderByPath(call.state, call.env.id, path.replace(/^\/+|\/+$/g, ''));
  if (!folder) throw new ApiRefusal(404, `Can't find folder with path ${path}`);
  return folder;
}

export function neededFolderId(call: Call, id: string): Folder {
  const folder = call.state.folders[id];
  if (folder?.env !== call.env.id) throw new ApiRefusal(404, `Can't find folder with id ${id}`);
  return folder;
}

export function shownFolder(folder: Folder): object {
  const { external_id, path, created_at } = folder;
  return { name: nameOf(path), path, external_id, created_at };
}

/** Makes a folder and those above it that are missing; gives the last. */
export function makeFolder(ctx: Context<State>, env: Environment, path: string): Folder {
  const known = folderByPath(ctx.state, env.id, path);
  if (known) return known;
  if (parentOf(path) !== '') makeFolder(ctx, env, parentOf(path));
  const folder: Folder = { external_id: newId(32), env: env.id, path, created_at: iso(ctx.now()) };
  ctx.state.folders[folder.external_id] = folder;
  recordWrite(ctx, 'folder', folder.external_id, null, folder);
  emit(ctx, env, 'create_folder', { folder_path: path, folder_name: nameOf(path), external_id: folder.external_id });
  return folder;
}

/** The folder and all below it, the folder first. */
export function branch(state: State, folder: Folder): Folder[] {
  return foldersOf(state, folder.env)
    .filter((one) => one === folder || one.path.startsWith(`${folder.path}/`))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function assetsIn(state: State, folder: Folder): Asset[] {
  return Object.values(state.assets).filter((asset) => asset.folder === folder.external_id);
}

/** Moves a folder with everything in it: ids stay, so do roles set on it; those from above are lost. */
export function moveFolder(call: Call, folder: Folder, to: string): number {
  const { ctx, state, env } = call;
  const target = cleanPath(to);
  if (target === folder.path) return 0;
  if (folderByPath(state, env.id, target)) throw new ApiRefusal(409, `Folder ${target} already exists`);
  if (target.startsWith(`${folder.path}/`)) throw new ApiRefusal(400, 'A folder cannot be moved into itself');
  if (parentOf(target) !== '') makeFolder(ctx, env, parentOf(target));
  const from = folder.path;
  let moved = 0;
  for (const one of branch(state, folder)) {
    const before = { ...one };
    const assets = assetsIn(state, one);
    one.path = target + one.path.slice(from.length);
    recordWrite(ctx, 'folder', one.external_id, before, one);
    moved += assets.length;
    if (env.folder_mode === 'fixed') for (const asset of assets) renameInFixedMode(ctx, asset, before.path, one.path);
  }
  emit(ctx, env, 'move_or_rename_asset_folder', { from_path: from, to_path: target });
  return moved;
}

/** In fixed mode a move changes the public id and so the URL (contract section 6). */
function renameInFixedMode(ctx: Context<State>, asset: Asset, from: string, to: string): void {
  if (!asset.public_id.startsWith(`${from}/`)) return;
  const before = { ...asset };
  asset.public_id = to + asset.public_id.slice(from.length);
  recordWrite(ctx, 'asset', asset.asset_id, before, asset);
}
