import type { Context } from '../../common/types.ts';
import type { OtdsState, PushJob, Resource } from '../model.ts';
import { receivers } from './receiver.ts';
import type { Receiver } from './receiver.ts';
import { wantedAt } from './wanted.ts';

/** What is to be pushed: found by comparing what a receiver should have with what it was given. */

type Ctx = Context<OtdsState>;
type Wish = Pick<PushJob, 'kind' | 'id' | 'verb'> & { cleanup?: boolean };

/** Users before groups, whose members they are; removals last. */
function order(w: Wish): number {
  return w.verb === 'remove' ? 2 : w.kind === 'user' ? 0 : 1;
}

function waiting(state: OtdsState, resource: Resource): Map<string, PushJob> {
  const jobs = Object.values(state.pushQueue).filter((j) => j.resource === resource.uuid && j.tries === 0);
  return new Map(jobs.map((j) => [`${j.id} ${j.verb}`, j]));
}

function enqueue(ctx: Ctx, receiver: Receiver, wishes: Wish[]): void {
  const { state } = ctx;
  const open = waiting(state, receiver.resource);
  const fresh = wishes.filter((w) => !open.has(`${w.id} ${w.verb}`)).toSorted((a, b) => order(a) - order(b));
  if (fresh.length === 0) return;
  const fault = ['pushLost', 'pushDoubled', 'receiverDown', 'wrongObjectId'].find((name) => ctx.special(name)) ?? null;
  if (ctx.special('pushReordered')) fresh.reverse();
  ctx.chosen('SCIM_PUSH');
  const due = new Date(ctx.now().getTime() + Number(state.choices.PUSH_DELAY_MS)).toISOString();
  for (const wish of fresh) {
    const seq = ++state.n;
    const base = { seq, resource: receiver.resource.uuid, tries: 0, due, fault, error: null };
    state.pushQueue[String(seq)] = { cleanup: false, ...wish, ...base };
  }
}

/** Queues what a request changed for every receiver. `touched`: the users and groups that it wrote to. */
export function queueChanges(ctx: Ctx, touched: ReadonlySet<string>): void {
  for (const receiver of receivers(ctx.state))
    enqueue(ctx, receiver, changesFor(ctx.state, receiver.resource, touched));
}

function changesFor(state: OtdsState, resource: Resource, touched: ReadonlySet<string>): Wish[] {
  const wanted = wantedAt(state, resource);
  const had = state.pushed[resource.uuid] ?? {};
  const due = (id: string) => had[id]?.active !== true || touched.has(id);
  const puts = (ids: Iterable<string>, kind: Wish['kind']) =>
    [...ids].filter(due).map((id): Wish => ({ kind, id, verb: 'put' }));
  const gone = Object.entries(had).filter(([id, p]) => p.active && !wanted.users.has(id) && !wanted.groups.has(id));
  const removals = gone.map(([id, { kind }]): Wish => ({ kind, id, verb: 'remove' }));
  return [...puts(wanted.users, 'user'), ...puts(wanted.groups, 'group'), ...removals];
}

/** What a consolidation pushes again: `only` null means everything. */
export type Consolidation = { only: ReadonlySet<string> | null; cleanUsers: boolean; cleanGroups: boolean };

/** Queues everything that a receiver should have, changed or not. */
export function queueAll(ctx: Ctx, receiver: Receiver, c: Consolidation): void {
  const { state } = ctx;
  const wanted = wantedAt(state, receiver.resource);
  const all = new Set([...wanted.users, ...wanted.groups]);
  const concerned = (id: string) => c.only === null || c.only.has(id);
  const wishes = changesFor(state, receiver.resource, all).filter((w) => concerned(w.id));
  for (const [id, { kind, active }] of Object.entries(state.pushed[receiver.resource.uuid] ?? {})) {
    const clean = kind === 'user' ? c.cleanUsers : c.cleanGroups;
    if (clean && !active && !all.has(id) && concerned(id)) wishes.push({ kind, id, verb: 'remove', cleanup: true });
  }
  enqueue(ctx, receiver, wishes);
}
