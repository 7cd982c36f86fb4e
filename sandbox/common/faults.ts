import { fields, isObject, wholeNumber } from './fields.ts';
import { random } from './random.ts';
import { Refusal } from './types.ts';
import type { FaultEffect, FaultPlan, Json, StandInRequest } from './types.ts';

/** A planned fault with what has become of it. `seen` counts matching requests, `drawn` the chances taken. */
export type PlannedFault = FaultPlan & { id: string; seen: number; drawn: number; applied: number };

const EFFECT_FIELDS = {
  status: { kind: 'string', status: 'number', headers: 'object?', body: 'any?' },
  delay: { kind: 'string', ms: 'number' },
  hang: { kind: 'string' },
  reset: { kind: 'string' },
  lostReply: { kind: 'string' },
  html: { kind: 'string', status: 'number?' },
  truncate: { kind: 'string', bytes: 'number' },
  stale: { kind: 'string', ms: 'number' },
  special: { kind: 'string', name: 'string' },
} as const;

function isKind(kind: unknown): kind is keyof typeof EFFECT_FIELDS {
  return typeof kind === 'string' && Object.hasOwn(EFFECT_FIELDS, kind);
}

function effectOf(input: unknown): FaultEffect {
  const kind = isObject(input) ? input['kind'] : undefined;
  if (!isKind(kind)) throw new Refusal(`fault.kind must be one of ${Object.keys(EFFECT_FIELDS).join(', ')}.`);
  const f = fields(`A fault of kind ${kind}`, input, EFFECT_FIELDS[kind]);
  for (const key of ['ms', 'bytes']) wholeNumber(`fault.${key}`, f[key]);
  if (
    kind === 'status' &&
    !(Number.isInteger(f['status']) && Number(f['status']) >= 200 && Number(f['status']) <= 599)
  ) {
    throw new Refusal('fault.status must be a status code from 200 to 599.');
  }
  if (kind === 'html' && f['status'] !== undefined && f['status'] !== 200 && f['status'] !== 502) {
    throw new Refusal('fault.status of kind html must be 200 or 502.');
  }
  for (const [name, value] of Object.entries(isObject(f['headers']) ? f['headers'] : {})) {
    if (typeof value !== 'string') throw new Refusal(`fault.headers: "${name}" must be a string.`);
  }
  return f as FaultEffect; // every field was checked above
}

/** Reads a planned fault as POST /faults brings it, or throws a {@link Refusal} that says what is wrong. */
export function faultPlanOf(input: unknown): FaultPlan {
  const f = fields('A fault', input, {
    match: 'object?',
    skip: 'number?',
    times: 'number?',
    chance: 'number?',
    seed: 'number?',
    fault: 'object',
  });
  if (f['match'] !== undefined) fields('match', f['match'], { method: 'string?', path: 'string?', caller: 'string?' });
  wholeNumber('skip', f['skip']);
  wholeNumber('times', f['times'], 1);
  wholeNumber('seed', f['seed']);
  const chance = f['chance'];
  if (typeof chance === 'number' && !(chance >= 0 && chance <= 1))
    throw new Refusal('chance must lie between 0 and 1.');
  return { ...f, fault: effectOf(f['fault']) };
}

function globOf(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function matches(plan: FaultPlan, req: StandInRequest, caller: string | null): boolean {
  const { method, path, caller: who } = plan.match ?? {};
  // Several methods may be named at once: "POST,PUT,PATCH".
  if (method !== undefined && !method.toUpperCase().split(',').includes(req.method)) return false;
  if (who !== undefined && who !== caller) return false;
  if (path === undefined) return true;
  const glob = globOf(path);
  return glob.test(req.path) || glob.test(decoded(req.path));
}

/** The planned faults of one stand-in, in the order they were planned. */
export class Faults {
  list: PlannedFault[] = [];
  #lastId = 0;

  add(plan: FaultPlan): PlannedFault {
    const fault: PlannedFault = { ...plan, id: String(++this.#lastId), seen: 0, drawn: 0, applied: 0 };
    this.list.push(fault);
    return fault;
  }

  /** Puts back saved faults. */
  restore(list: PlannedFault[]): void {
    this.list = list;
    this.#lastId = Math.max(0, ...list.map((f) => Number(f.id)));
  }

  /** Removes one fault, or all; false when there was none of that id. */
  remove(id?: string): boolean {
    const kept = id === undefined ? [] : this.list.filter((f) => f.id !== id);
    const removed = id === undefined || kept.length < this.list.length;
    this.list = kept;
    return removed;
  }

  /** The first matching, unspent fault that is due, used up by one; those still skipping or losing their chance let the next try. */
  take(req: StandInRequest, caller: string | null, wanted: (f: FaultEffect) => boolean): PlannedFault | null {
    for (const f of this.list) {
      if (!wanted(f.fault) || f.applied >= (f.times ?? Infinity) || !matches(f, req, caller)) continue;
      f.seen++;
      if (f.seen <= (f.skip ?? 0)) continue;
      if (f.chance !== undefined && !this.#draw(f)) continue;
      f.applied++;
      return f;
    }
    return null;
  }

  #draw(f: PlannedFault): boolean {
    const next = random(f.seed ?? Number(f.id));
    for (let i = 0; i < f.drawn; i++) next();
    f.drawn++;
    return next() < (f.chance ?? 1);
  }
}

/** How a fault is told in the ledger: its id and effect. */
export function faultInLedger(f: PlannedFault | null): Json {
  return f === null ? null : { id: f.id, ...(f.fault as { [k: string]: Json }) };
}
