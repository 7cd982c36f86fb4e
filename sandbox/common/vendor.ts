import type { IncomingMessage, ServerResponse } from 'node:http';
import { cutOff, readRequest, send, sendTruncated } from './http.ts';
import type { PlannedFault } from './faults.ts';
import type { Runtime } from './runtime.ts';
import type { FaultEffect, Reply, StandInRequest } from './types.ts';

const HTML =
  '<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>proxy</center></body></html>\n';

/** Serves the vendor's address: planned faults first, then the product. */
export class VendorSide<S> {
  readonly #runtime: Runtime<S>;
  readonly #waiting = new Set<NodeJS.Timeout>();

  constructor(runtime: Runtime<S>) {
    this.#runtime = runtime;
  }

  async answer(message: IncomingMessage, res: ServerResponse): Promise<void> {
    let req;
    try {
      req = await readRequest(message);
    } catch {
      return cutOff(res); // the caller went away, or sent more than any product would take
    }
    const { def, faults, clock } = this.#runtime;
    const caller = def.callerOf?.(req, this.#runtime.state, clock.now()) ?? null;
    const fault = faults.take(req, caller, (f) => f.kind !== 'special' && (f.kind !== 'stale' || this.#isRead(req)));
    if (fault && this.#instead(req, res, caller, fault)) return;
    await this.#perform(req, res, caller, fault);
  }

  stop(): void {
    for (const timer of this.#waiting) clearTimeout(timer);
  }

  #isRead(req: StandInRequest): boolean {
    return this.#runtime.def.isRead?.(req) ?? (req.method === 'GET' || req.method === 'HEAD');
  }

  /** Faults before the effect: answers (or does not) and says true; false when the request is to be done. */
  #instead(req: StandInRequest, res: ServerResponse, caller: string | null, fault: PlannedFault): boolean {
    const reply = this.#replyInstead(fault.fault, req);
    const kind = fault.fault.kind;
    if (reply === null && kind !== 'hang' && kind !== 'reset') return false;
    const doing = this.#runtime.begin(this.#runtime.state, caller ?? 'anonymous', req, req.path);
    this.#runtime.record(doing, {
      method: req.method,
      path: req.path,
      status: reply?.status ?? null,
      fault,
      replied: reply !== null,
    });
    if (reply) send(res, this.#runtime.dressed(reply, doing.chosen));
    else if (kind === 'reset') cutOff(res);
    return true;
  }

  #replyInstead(f: FaultEffect, req: StandInRequest): Reply | null {
    if (f.kind === 'html') return { status: f.status ?? 502, headers: { 'content-type': 'text/html' }, body: HTML };
    if (f.kind !== 'status') return null;
    const headers = f.headers ?? {};
    if (f.body === undefined) {
      return {
        status: f.status,
        headers,
        body: this.#runtime.def.errorBody(f.status, 'Planned fault of the stand-in', req),
      };
    }
    return { status: f.status, headers, body: typeof f.body === 'object' ? f.body : String(f.body) };
  }

  async #perform(
    req: StandInRequest,
    res: ServerResponse,
    caller: string | null,
    fault: PlannedFault | null,
  ): Promise<void> {
    const effect = fault?.fault;
    const state = effect?.kind === 'stale' ? this.#runtime.stale(effect.ms) : this.#runtime.state;
    const doing = this.#runtime.begin(state, caller ?? 'anonymous', req, req.path);
    let reply: Reply;
    try {
      reply = await this.#runtime.def.handle(req, doing.context);
    } catch (error) {
      process.stderr.write(
        `${this.#runtime.def.system}: ${req.method} ${req.path}: ${error instanceof Error ? error.stack : String(error)}\n`,
      );
      reply = { status: 500, body: this.#runtime.def.errorBody(500, 'The stand-in failed; see its error output', req) };
    }
    const lost = effect?.kind === 'lostReply' || effect?.kind === 'truncate';
    this.#runtime.record(doing, { method: req.method, path: req.path, status: reply.status, fault, replied: !lost });
    const dressed = this.#runtime.dressed(reply, doing.chosen);
    if (effect?.kind === 'lostReply') cutOff(res);
    else if (effect?.kind === 'truncate') sendTruncated(res, dressed, effect.bytes);
    else if (effect?.kind === 'delay') this.#sendLater(res, dressed, effect.ms);
    else send(res, dressed);
  }

  #sendLater(res: ServerResponse, reply: Reply, ms: number): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      if (!res.destroyed) send(res, reply);
    }, ms);
    this.#waiting.add(timer);
  }
}
