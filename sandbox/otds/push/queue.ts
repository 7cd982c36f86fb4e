import type { Context } from '../../common/types.ts';
import { Directory } from '../directory.ts';
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

/** What waits for the same is dropped: the later job sends what is true by then, after whatever it builds on. */
function dropWaiting(state: OtdsState, resource: Resource, wishes: Wish[]): void {
  const again = new Set(wishes.map((w) => `${w.id} ${w.verb}`));
  for (const [seq, job] of Object.entries(state.pushQueue))
    if (job.resource === resource.uuid && !job.started && again.has(`${job.id} ${job.verb}`))
      delete state.pushQueue[seq];
}

function enqueue(ctx: Ctx, receiver: Receiver, wishes: Wish[]): void {
  const { state } = ctx;
  if (wishes.length === 0) return;
  dropWaiting(state, receiver.resource, wishes);
  const fresh = wishes.toSorted((a, b) => order(a) - order(b));
  const fault = ['pushLost', 'pushDoubled', 'receiverDown', 'wrongObjectId'].find((name) => ctx.special(name)) ?? null;
  if (ctx.special('pushReordered')) fresh.reverse();
  ctx.chosen('SCIM_PUSH');
  const due = new Date(ctx.now().getTime() + Number(state.choices.PUSH_DELAY_MS)).toISOString();
  for (const wish of fresh) {
    const seq = ++state.n;
    const base = { seq, resource: receiver.resource.uuid, tries: 0, started: false, due, fault, error: null };
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
  const { groupMembers } = Directory.of(state);
  const arriving = [...wanted.users].filter((id) => had[id]?.active !== true);
  // A group names those of its members that are there, so it follows whoever arrives.
  const grown = new Set(arriving.flatMap((id) => groupMembers.of(id)));
  const due = (id: string) => had[id]?.active !== true || touched.has(id) || grown.has(id);
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
