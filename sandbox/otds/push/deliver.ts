import { Directory } from '../directory.ts';
import { fullName } from '../model.ts';
import type { OtdsState, PushJob, Pushed } from '../model.ts';
import { groupFields, userFields } from '../scim/mapping.ts';
import type { Document } from '../scim/mapping.ts';
import type { Exchange, Said } from './exchange.ts';
import type { Receiver } from './receiver.ts';

/** What one job means at the receiver (constant SCIM_PUSH): look by filter, create, change by PATCH or PUT, deactivate or delete. */

/** What the receiver has afterwards; null for nothing. `note` says why nothing was done. */
export type Outcome = { pushed: Pushed | null; note: string | null };

type Thing = { resource: 'Users' | 'Groups'; key: string; name: string; body: Document };

/** The object as the receiver is to have it; null when it is not there any more. */
function thingOf(state: OtdsState, job: PushJob): Thing | null {
  const dir = Directory.of(state);
  if (job.kind === 'user') {
    const user = dir.users.get(job.id);
    if (!user) return null;
    const body = { ...userFields(user), externalId: user.uuid };
    return { resource: 'Users', key: 'userName', name: user.name, body };
  }
  const group = dir.groups.get(job.id);
  if (!group) return null;
  const there = state.pushed[job.resource] ?? {};
  const { users, groups } = dir.groupMembers.list(group.uuid);
  const members = [...users, ...groups].flatMap((uuid): Document[] => {
    const value = there[uuid]?.remoteId;
    return value == null ? [] : [{ value, display: there[uuid]?.name ?? null }];
  });
  const body = { ...groupFields(group, members), externalId: group.uuid };
  return { resource: 'Groups', key: 'displayName', name: group.name, body };
}

/** What a user may lack; left out of the body, it has to go at the receiver, too. */
const OPTIONAL = ['displayName', 'title', 'preferredLanguage', 'name', 'emails', 'addresses', 'phoneNumbers'];

/** One operation for each field, by its path: receivers differ in what `replace` without a path does to lists. */
function operations(thing: Thing): object[] {
  const { schemas: _schemas, ...fields } = thing.body;
  const gone = thing.resource === 'Users' ? OPTIONAL.filter((path) => !(path in fields)) : [];
  return [
    ...Object.entries(fields).map(([path, value]) => ({ op: 'replace', path, value })),
    ...gone.map((path) => ({ op: 'remove', path })),
  ];
}

function change(x: Exchange, state: OtdsState, thing: Thing, id: string): Promise<number> {
  if (state.choices.SCIM_PUSH === 'put') return x.put(thing.resource, id, { ...thing.body, id });
  return x.patch(thing.resource, id, operations(thing));
}

async function put(x: Exchange, state: OtdsState, receiver: Receiver, job: PushJob): Promise<Outcome> {
  const before = state.pushed[job.resource]?.[job.id] ?? null;
  const thing = thingOf(state, job);
  if (!thing) return { pushed: before, note: 'gone meanwhile' };
  const told = (remoteId: string | null): Pushed => ({ kind: job.kind, name: thing.name, remoteId, active: true });
  if (job.fault === 'pushLost') return { pushed: told(before?.remoteId ?? null), note: 'lost on purpose' };
  const known = before?.remoteId ?? (await x.find(thing.resource, thing.key, thing.name));
  if (known !== null) {
    if (!receiver.mayModify) return { pushed: told(known), note: 'changes are not allowed' };
    const status = await change(x, state, thing, known);
    if (job.fault === 'pushDoubled') await change(x, state, thing, known);
    if (status < 300) return { pushed: told(known), note: null };
    if (status !== 404) return { pushed: before, note: `refused: ${status}` };
  }
  if (!receiver.mayCreate) return { pushed: before, note: 'creations are not allowed' };
  const made = await x.create(thing.resource, thing.body);
  if (job.fault === 'pushDoubled') await x.create(thing.resource, thing.body);
  if (made.status >= 300 || made.id === null) return { pushed: null, note: `refused: ${made.status}` };
  return { pushed: told(made.id), note: null };
}

/** Deleted only where deletes are allowed; else users are deactivated and groups left. */
async function remove(x: Exchange, state: OtdsState, receiver: Receiver, job: PushJob): Promise<Outcome> {
  const before = state.pushed[job.resource]?.[job.id];
  if (!before) return { pushed: null, note: 'not there' };
  const left: Pushed = { ...before, active: false };
  if (job.fault === 'pushLost' || before.remoteId === null) return { pushed: left, note: 'lost on purpose' };
  const resource = job.kind === 'user' ? 'Users' : 'Groups';
  if (receiver.mayDelete) {
    const status = await x.remove(resource, before.remoteId);
    if (job.fault === 'pushDoubled') await x.remove(resource, before.remoteId);
    return status < 300 || status === 404
      ? { pushed: null, note: null }
      : { pushed: before, note: `refused: ${status}` };
  }
  if (job.cleanup || job.kind === 'group' || !receiver.mayModify)
    return { pushed: left, note: 'deletes are not allowed' };
  const ops = [{ op: 'replace', path: 'active', value: false }];
  const user = Directory.of(state).users.get(job.id);
  const status =
    state.choices.SCIM_PUSH === 'put' && user
      ? await x.put(resource, before.remoteId, {
          ...userFields(user),
          id: before.remoteId,
          externalId: user.uuid,
          active: false,
        })
      : await x.patch(resource, before.remoteId, ops);
  return { pushed: left, note: status < 300 ? null : `refused: ${status}` };
}

/** Does one job. Throws `Unreachable` where another try makes sense. */
export function deliver(x: Exchange, state: OtdsState, receiver: Receiver, job: PushJob): Promise<Outcome> {
  return job.verb === 'put' ? put(x, state, receiver, job) : remove(x, state, receiver, job);
}

/** What would be sent to a receiver that is not on this machine, where nothing is sent. */
export function unsent(state: OtdsState, job: PushJob): { said: Said[]; outcome: Outcome } {
  const before = state.pushed[job.resource]?.[job.id] ?? null;
  const thing = job.verb === 'put' ? thingOf(state, job) : null;
  const resource = job.kind === 'user' ? 'Users' : 'Groups';
  const method = thing ? (before ? 'PATCH' : 'POST') : 'DELETE';
  const said = [{ method, path: `/${resource}`, body: thing?.body ?? null, status: 0 }];
  const pushed = thing ? { kind: job.kind, name: thing.name, remoteId: null, active: true } : null;
  return { said, outcome: { pushed, note: 'not sent: the receiver is not on this machine' } };
}

/** How a job's object is called in the ledger. */
export function nameOf(state: OtdsState, job: PushJob): string {
  const dir = Directory.of(state);
  const e = job.kind === 'user' ? dir.users.get(job.id) : dir.groups.get(job.id);
  return e ? fullName(e) : (state.pushed[job.resource]?.[job.id]?.name ?? job.id);
}
