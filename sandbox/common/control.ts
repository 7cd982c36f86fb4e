import type { IncomingMessage, ServerResponse } from 'node:http';
import { faultPlanOf } from './faults.ts';
import { fields, isObject, wholeNumber } from './fields.ts';
import { cutOff, readRequest, send } from './http.ts';
import type { Runtime } from './runtime.ts';
import { Refusal } from './types.ts';
import type { Json, StandInRequest } from './types.ts';

type Handler<S> = (r: Runtime<S>, req: StandInRequest, rest: string[]) => object;

/** One call: how many parts its path may have behind the name, which parameters it takes, what it does. */
type Call<S> = { handler: Handler<S>; parts?: number; query?: readonly string[] };

/** Serves the control address: what `control.md` lists, and nothing else. */
export async function answerControl<S>(r: Runtime<S>, message: IncomingMessage, res: ServerResponse): Promise<void> {
  let req;
  try {
    req = await readRequest(message);
  } catch {
    return cutOff(res);
  }
  try {
    send(res, {
      status: 200,
      body: JSON.stringify(answer(r, req)),
      headers: { 'content-type': 'application/json' },
    });
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 500;
    send(res, { status, body: { error: error instanceof Error ? error.message : String(error) } });
  }
}

function answer<S>(r: Runtime<S>, req: StandInRequest): object {
  const [name = '', ...rest] = req.segments;
  const calls = CALLS as Readonly<Record<string, Call<S>>>; // the calls look into no state
  const call = Object.hasOwn(calls, `${req.method} ${name}`) ? calls[`${req.method} ${name}`] : undefined;
  if (!call || rest.length > (call.parts ?? 0))
    throw new Refusal(`The control address has no ${req.method} ${req.path}.`, 404);
  const { query = [] } = call;
  for (const key of req.query.keys())
    if (!query.includes(key))
      throw new Refusal(`${name} has no parameter "${key}"; known: ${query.join(', ') || 'none'}.`);
  return call.handler(r, req, rest);
}

const CALLS: Readonly<Record<string, Call<unknown>>> = {
  'GET health': { handler: health },
  'GET ledger': { handler: ledger, query: ['since', 'limit'] },
  'GET state': { handler: state, parts: Infinity },
  'PUT state': { handler: putState },
  'POST reset': { handler: reset },
  'GET faults': { handler: readFaults, parts: 1 },
  'POST faults': { handler: addFault },
  'DELETE faults': { handler: removeFaults, parts: 1 },
  'GET clock': { handler: (r) => ({ clock: r.clock.now().toISOString() }) },
  'POST clock': { handler: clock },
  'GET outbox': { handler: outbox, query: ['to'] },
  'POST act': { handler: act },
};

function health<S>(r: Runtime<S>): object {
  const { system, version } = r.def;
  return { system, version, ready: true, clock: r.clock.now().toISOString() };
}

function readFaults<S>(r: Runtime<S>, _req: StandInRequest, [id]: string[]): object {
  const all = r.faults.list.map((f) => ({ ...f, spent: f.applied >= (f.times ?? Infinity) }));
  if (id === undefined) return { faults: all };
  return all.find((f) => f.id === id) ?? noFault(id);
}

function addFault<S>(r: Runtime<S>, req: StandInRequest): object {
  const fault = r.faults.add(faultPlanOf(bodyOf(req)));
  if (fault.fault.kind === 'stale') r.snapshots.changed();
  r.changed();
  return fault;
}

function removeFaults<S>(r: Runtime<S>, _req: StandInRequest, [id]: string[]): object {
  if (!r.faults.remove(id)) return noFault(id ?? '');
  r.changed();
  return { removed: id ?? 'all' };
}

function noFault(id: string): never {
  throw new Refusal(`There is no fault ${id}.`, 404);
}

function outbox<S>(r: Runtime<S>, req: StandInRequest): object {
  const to = req.query.get('to');
  return { messages: r.outbox.filter((m) => to === null || m.to === to) };
}

function bodyOf(req: StandInRequest): unknown {
  const body = req.json();
  if (body === undefined) throw new Refusal('The body must be JSON.');
  return body;
}

function ledger<S>(r: Runtime<S>, req: StandInRequest): object {
  const [since, limit] = ['since', 'limit'].map((name) => {
    const text = req.query.get(name);
    return text === null ? undefined : wholeNumber(name, text.trim() === '' ? NaN : Number(text));
  });
  return r.ledger.page(since ?? 0, limit ?? Infinity);
}

/** The value with the keys of every object in alphabetical order, so that two states can be compared as texts. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, ordered(value[key])]),
  );
}

function state<S>(r: Runtime<S>, _req: StandInRequest, [collection, ...id]: string[]): object {
  if (collection === undefined) return ordered({ ...r.state, ...r.def.derived?.(r.state) }) as object;
  const all = r.def.collections(r.state);
  const rows = Object.hasOwn(all, collection) ? all[collection] : undefined;
  if (!rows)
    throw new Refusal(`There is no collection "${collection}"; known: ${Object.keys(all).sort().join(', ')}.`, 404);
  if (id.length === 0) return ordered(rows) as object;
  const key = id.join('/');
  if (!Object.hasOwn(rows, key)) throw new Refusal(`There is no "${key}" in ${collection}.`, 404);
  return ordered(rows[key]) as object;
}

function putState<S>(r: Runtime<S>, req: StandInRequest): object {
  const body = bodyOf(req);
  if (!isObject(body)) throw new Refusal('The state must be a JSON object, as GET /state gives it.');
  const derived = Object.keys(r.def.derived?.(r.state) ?? {});
  const kept = Object.fromEntries(Object.entries(body).filter(([key]) => !derived.includes(key)));
  const known = Object.keys(r.state as object);
  for (const key of Object.keys(kept)) if (!known.includes(key)) throw new Refusal(`The state has no field "${key}".`);
  for (const key of known) if (!(key in kept)) throw new Refusal(`The state needs the field "${key}".`);
  const wrong = r.def.check?.(kept) ?? null;
  if (wrong !== null) throw new Refusal(wrong);
  r.replace(kept as S); // a saved GET: same keys, checked by the definition
  note(r, 'PUT', '/state');
  return { replaced: true };
}

function reset<S>(r: Runtime<S>, req: StandInRequest): object {
  const body = req.body.trim() === '' ? {} : bodyOf(req);
  const f = fields('reset', body, { seed: 'any?', people: 'number?' });
  const seed = f['seed'];
  if (seed !== undefined && typeof seed !== 'string' && typeof seed !== 'number')
    throw new Refusal('seed must be a string or a number.');
  const people = wholeNumber('people', f['people'], 1);
  r.reset({ ...(seed === undefined ? {} : { seed: String(seed) }), ...(people === undefined ? {} : { people }) });
  note(r, 'POST', '/reset');
  return { reset: true, ...f };
}

function clock<S>(r: Runtime<S>, req: StandInRequest): object {
  const f = fields('clock', bodyOf(req), { advance: 'number?', set: 'string?', follow: 'string?' });
  if (Object.keys(f).length !== 1) throw new Refusal('clock takes exactly one of advance, set, follow.');
  const { advance, set, follow } = f;
  if (typeof advance === 'number') {
    if (advance < 0) throw new Refusal('advance must not be negative; use set to go back.');
    r.clock.advance(advance);
  } else if (typeof set === 'string') {
    const at = new Date(set);
    if (Number.isNaN(at.getTime()))
      throw new Refusal('set must be an ISO date and time, such as 2027-01-31T09:00:00Z.');
    r.clock.set(at);
  } else if (follow === 'real') {
    r.clock.followReal();
  } else {
    throw new Refusal('follow can only be "real".');
  }
  r.changed();
  return { clock: r.clock.now().toISOString() };
}

function act<S>(r: Runtime<S>, req: StandInRequest): object {
  const body = bodyOf(req);
  if (!isObject(body) || typeof body['action'] !== 'string')
    throw new Refusal('act needs the field "action" (string).');
  if (body['as'] !== undefined && typeof body['as'] !== 'string') throw new Refusal('act: "as" must be a string.');
  if (!r.def.act) throw new Refusal(`${r.def.system} has no actions.`);
  const input = body as { action: string; [k: string]: Json }; // parsed JSON with a checked action
  const doing = r.begin(
    r.state,
    `control:${typeof body['as'] === 'string' ? body['as'] : ''}`,
    null,
    `act/${input.action}`,
  );
  const result = r.def.act(input, doing.context);
  r.record(doing, { method: 'ACT', path: input.action, status: 200 });
  return { result };
}

/** Steps in from outside stand in the ledger too, so that a jump of the state is no riddle. */
function note<S>(r: Runtime<S>, method: string, path: string): void {
  r.record(r.begin(r.state, 'control', null, path), { method, path, status: 200 });
}
