import type { Context } from '../../common/types.ts';
import { Directory } from '../directory.ts';
import type { OtdsState, PushJob } from '../model.ts';
import { deliver, nameOf, unsent } from './deliver.ts';
import type { Outcome } from './deliver.ts';
import { Exchange, isLoopback, Unreachable } from './exchange.ts';
import type { Said } from './exchange.ts';
import { receiverOf } from './receiver.ts';
import type { Receiver } from './receiver.ts';

type Ctx = Context<OtdsState>;

/** Waits between tries while a receiver cannot be reached, doubled each time. */
const RETRY_S = 5;
const RETRY_MOST_S = 300;

type Answer = { outcome: Outcome | null; error: string | null; said: Said[] };

/**
 * Works the push queue off, in the background: one job at a time for each resource, in order. A receiver that cannot be
 * reached holds up its own resource only. Its memory is of one state: after a reset it begins anew; after a restart the
 * queue goes on with the first request.
 */
export class Pusher {
  #state: OtdsState | null = null;
  #busy = new Set<string>();
  #tokens = new Map<string, string | null>();

  /** Looks after the queue soon, on the state of then: a request may have been answered from the past. */
  wake(ctx: Ctx): void {
    if (Object.keys(ctx.state.pushQueue).length > 0) ctx.later(0, (then) => this.#look(then));
  }

  /** Starts what can be started, and comes back when something is due. */
  #look(ctx: Ctx): void {
    if (this.#state !== ctx.state) {
      this.#state = ctx.state;
      this.#busy = new Set();
      this.#tokens = new Map();
    }
    const first = new Map<string, PushJob>();
    for (const job of Object.values(ctx.state.pushQueue)) if (!first.has(job.resource)) first.set(job.resource, job);
    for (const [resource, job] of first) if (!this.#busy.has(resource)) this.#start(ctx, resource, job);
  }

  #start(ctx: Ctx, resource: string, job: PushJob): void {
    this.#busy.add(resource);
    const { state } = ctx;
    const wait = Math.max(0, Date.parse(job.due) - ctx.now().getTime());
    ctx.later(wait, (then) => {
      if (then.state !== state) return; // another state was put in its place
      if (!Object.hasOwn(state.pushQueue, String(job.seq))) {
        this.#busy.delete(resource);
        return this.#look(then); // a later job does the same
      }
      job.started = true;
      const found = Object.values(then.state.resources).find((r) => r.uuid === resource);
      const receiver = found ? receiverOf(found) : null;
      if (!receiver) return this.#drop(then, resource);
      void this.#exchange(state, receiver, job).then((answer) =>
        then.later(0, (last) => {
          if (last.state === state) this.#finish(last, receiver, job, answer);
        }),
      );
    });
  }

  /** A resource that does not push any more: nothing of its queue is sent. */
  #drop(ctx: Ctx, resource: string): void {
    for (const [seq, job] of Object.entries(ctx.state.pushQueue))
      if (job.resource === resource) delete ctx.state.pushQueue[seq];
    this.#busy.delete(resource);
  }

  async #exchange(state: OtdsState, receiver: Receiver, job: PushJob): Promise<Answer> {
    const x = new Exchange(receiver, this.#tokens.get(receiver.resource.uuid) ?? null);
    try {
      if (job.fault === 'receiverDown' && job.tries === 0) throw new Unreachable('down on purpose');
      if (!isLoopback(receiver.baseUrl)) return { error: null, ...unsent(state, job) };
      return { outcome: await deliver(x, state, receiver, job), error: null, said: x.said };
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      return { outcome: null, error: error.message, said: x.said };
    } finally {
      if (this.#state === state) this.#tokens.set(receiver.resource.uuid, x.token);
    }
  }

  #finish(ctx: Ctx, receiver: Receiver, job: PushJob, answer: Answer): void {
    const { resource } = receiver;
    this.#busy.delete(resource.uuid);
    for (const { method, path, body, status } of answer.said)
      ctx.outbox({
        to: receiver.baseUrl,
        kind: 'scim',
        method,
        path,
        status,
        payload: JSON.parse(JSON.stringify(body)) as null,
      });
    if (answer.outcome === null) {
      job.tries++;
      job.started = false;
      job.error = answer.error;
      const waitS = Math.min(RETRY_MOST_S, RETRY_S * 2 ** (job.tries - 1));
      job.due = new Date(ctx.now().getTime() + waitS * 1000).toISOString();
    } else {
      delete ctx.state.pushQueue[String(job.seq)];
      this.#keep(ctx, receiver, job, answer.outcome);
    }
    this.#look(ctx);
  }

  #keep(ctx: Ctx, receiver: Receiver, job: PushJob, { pushed, note }: Outcome): void {
    const { resource } = receiver;
    const all = (ctx.state.pushed[resource.uuid] ??= {});
    const before = all[job.id] ?? null;
    const id = `${resource.resourceName}/${nameOf(ctx.state, job)}`;
    if (pushed) all[job.id] = pushed;
    else delete all[job.id];
    const after = pushed || note !== null ? { ...pushed, ...(note === null ? {} : { note }) } : null;
    ctx.write({ object: 'push', id, before, after });
    if (job.kind === 'user' && pushed?.remoteId != null) this.#note(ctx, receiver, job, pushed.remoteId);
  }

  /** OTDS remembers the id of a user in a resource. */
  #note(ctx: Ctx, receiver: Receiver, job: PushJob, remoteId: string): void {
    const user = Directory.of(ctx.state).users.get(job.id);
    if (!user) return;
    const start = `${receiver.resource.resourceID}:`;
    const before = user.attributes['oTObjectIDInResource'] ?? [];
    const id = job.fault === 'wrongObjectId' ? `wrong-${remoteId}` : remoteId;
    const after = [...before.filter((value) => !value.startsWith(start)), `${start}${id}`];
    if (before.includes(`${start}${id}`) || before.some((value) => value.startsWith(`${start}wrong-`))) return;
    user.attributes['oTObjectIDInResource'] = after;
    const [was, is] = [{ oTObjectIDInResource: before }, { oTObjectIDInResource: after }];
    ctx.write({ object: 'user', id: user.uuid, before: was, after: is });
  }
}
