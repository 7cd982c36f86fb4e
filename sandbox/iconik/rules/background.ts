import type { Context } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { iso } from '../ids.ts';
import { recordWrite, remember } from '../kit.ts';
import type { GranteeKind, Pending, State } from '../state.ts';
import { emptyEntry } from './access.ts';
import { deliver } from './deliver.ts';
import { announcing } from './events.ts';
import type { Grantee, Mode } from './rows.ts';
import { PROPAGATING, dropRow, setRow } from './rows.ts';
import { descendantsOf } from './tree.ts';

type Job = Pending extends infer P ? (P extends { at: string } ? Omit<P, 'at'> : never) : never;

/**
 * Plans background work: done `backgroundMs` (or `ms`) later on the control clock, also when a restart lies in between.
 */
export function later(ctx: Context<State>, job: Job, ms?: number): void {
  if (ms === undefined) ctx.chosen('backgroundMs');
  const delay = ms ?? CHOSEN.count(ctx.state, 'backgroundMs');
  ctx.state.pending.push({ ...job, at: iso(new Date(ctx.now().getTime() + delay)) });
  ctx.later(delay, settle);
}

/** Sets a propagating row; what lies below sees it later. */
export function setPropagating(
  ctx: Context<State>,
  key: string,
  grantee: Grantee,
  permissions: readonly string[],
  mode: Mode,
): void {
  setRow(ctx, PROPAGATING, key, grantee, permissions, mode);
  later(ctx, { job: 'inherit', collection: key, kind: grantee.kind, grantee: grantee.id });
}

/** Removes a propagating row; what lies below loses it later. False when there was none. */
export function dropPropagating(ctx: Context<State>, key: string, grantee: Grantee): boolean {
  if (!dropRow(ctx, PROPAGATING, key, grantee)) return false;
  later(ctx, { job: 'inherit', collection: key, kind: grantee.kind, grantee: grantee.id });
  return true;
}

/** Does all background work that is due. Harmless when called again. */
function settle(ctx: Context<State>): void {
  const now = ctx.now().getTime();
  const due = ctx.state.pending.filter((work) => Date.parse(work.at) <= now);
  ctx.state.pending = ctx.state.pending.filter((work) => Date.parse(work.at) > now);
  for (const work of due)
    announcing(
      ctx,
      () => doer(work),
      (watched) => perform(watched, work),
    );
}

/** Who asked for the work, where that is known. */
function doer(work: Pending): string | null {
  return work.job === 'deleteCollection' ? work.by : null;
}

const LATE_MS = 2_000;

/** Work that a restart or PUT /state left behind: no timer waits for it any more. */
export function settleLate(ctx: Context<State>): void {
  const late = ctx.now().getTime() - LATE_MS;
  if (ctx.state.pending.some((work) => Date.parse(work.at) <= late)) ctx.later(0, settle);
}

function perform(ctx: Context<State>, work: Pending): void {
  switch (work.job) {
    case 'inherit':
      return inherit(ctx.state, work.collection, work.kind, work.grantee);
    case 'deleteCollection':
      return deleteCollection(ctx, work.collection, work.by);
    case 'content':
      return copyToContent(ctx, work);
    case 'deliver':
      return deliver(ctx, work.webhook, work.event, work.attempt);
  }
}

/** Descendants now see the collection's propagating row as it is, or no longer. */
function inherit(state: State, collection: string, kind: GranteeKind, grantee: string): void {
  const row = state.propagating[collection]?.[kind][grantee];
  const entry = (state.inheritance[collection] ??= emptyEntry());
  if (row) entry[kind][grantee] = structuredClone(row);
  else delete entry[kind][grantee];
}

function deleteCollection(ctx: Context<State>, id: string, by: string): void {
  const below = descendantsOf(ctx.state, id).filter((item) => item.type === 'collections');
  for (const { id: each } of [{ id }, ...below]) {
    const collection = ctx.state.collections[each];
    if (!collection || collection.status === 'DELETED') continue;
    const before = structuredClone(collection);
    remember(ctx, 'collections', each, before);
    collection.status = 'DELETED';
    collection.date_deleted = iso(ctx.now());
    collection.deleted_by_user = by;
    recordWrite(ctx, 'collection', each, before, collection);
  }
}

/** The one-off copy of rows onto contents: direct rows from then on (contract section 6, "content copy differs"). */
function copyToContent(ctx: Context<State>, work: Extract<Pending, { job: 'content' }>): void {
  const wanted = (type: string): boolean =>
    (type === 'assets' && work.include_assets) || (type === 'collections' && work.include_collections);
  const grantees = [
    ...work.user_ids.map((id) => ({ kind: 'users', id }) as const),
    ...work.group_ids.map((id) => ({ kind: 'groups', id }) as const),
  ];
  const targets = new Map<string, { type: string; id: string }>();
  for (const root of work.object_ids) {
    for (const item of descendantsOf(ctx.state, root)) if (wanted(item.type)) targets.set(item.id, item);
  }
  for (const { type, id } of targets.values()) {
    for (const grantee of grantees) {
      if (work.permissions) setRow(ctx, type, id, grantee, work.permissions, work.mode);
      else dropRow(ctx, type, id, grantee);
    }
  }
}
