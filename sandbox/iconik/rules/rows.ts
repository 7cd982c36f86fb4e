import type { Context } from '../../common/types.ts';
import { iso } from '../ids.ts';
import { recordWrite } from '../kit.ts';
import type { AclEntry, AclRow, GranteeKind, State } from '../state.ts';
import { PERMISSIONS, emptyEntry } from './access.ts';

export type Mode = 'OVERWRITE' | 'APPEND';
export type Grantee = { kind: GranteeKind; id: string };

/** Type in the path of propagating rows; also what marks them in the ledger. */
export const PROPAGATING = '_propagating_collections';

function entryOf(state: State, type: string, key: string): AclEntry {
  if (type === PROPAGATING) return (state.propagating[key] ??= emptyEntry());
  return (state.acls[`${type}/${key}`] ??= emptyEntry());
}

export function rowOf(state: State, type: string, key: string, grantee: Grantee): AclRow | undefined {
  const entry = type === PROPAGATING ? state.propagating[key] : state.acls[`${type}/${key}`];
  return entry?.[grantee.kind][grantee.id];
}

/** Sets a grantee's row (OVERWRITE replaces it, APPEND adds to it); answers whether it is new. */
export function setRow(
  ctx: Context<State>,
  type: string,
  key: string,
  grantee: Grantee,
  permissions: readonly string[],
  mode: Mode,
): boolean {
  const rows = entryOf(ctx.state, type, key)[grantee.kind];
  const before = rows[grantee.id];
  const wanted = new Set([...permissions, ...(mode === 'APPEND' ? (before?.permissions ?? []) : [])]);
  const now = iso(ctx.now());
  rows[grantee.id] = {
    permissions: PERMISSIONS.filter((permission) => wanted.has(permission)),
    date_created: before?.date_created ?? now,
    date_modified: now,
  };
  const after = rows[grantee.id]?.permissions ?? [];
  record(ctx, type, key, grantee, before?.permissions ?? null, after);
  return before === undefined;
}

/** Removes a grantee's row; false (and nothing recorded) when there was none. */
export function dropRow(ctx: Context<State>, type: string, key: string, grantee: Grantee): boolean {
  const before = rowOf(ctx.state, type, key, grantee);
  if (!before) return false;
  delete entryOf(ctx.state, type, key)[grantee.kind][grantee.id];
  record(ctx, type, key, grantee, before.permissions, null);
  return true;
}

function record(
  ctx: Context<State>,
  type: string,
  key: string,
  grantee: Grantee,
  before: string[] | null,
  after: string[] | null,
): void {
  const tell = (permissions: string[] | null): object | null => permissions && { grantee: grantee.kind, permissions };
  const same = before !== null && after !== null && before.join() === after.join();
  if (same)
    ctx.write({
      object: 'acl',
      id: `${type}/${key}/${grantee.id}`,
      before: { permissions: before },
      after: { permissions: after },
    });
  else recordWrite(ctx, 'acl', `${type}/${key}/${grantee.id}`, tell(before), tell(after));
}
