/** What every stand-in is made of; a system describes itself by a {@link Definition} and `startStandIn` serves it. */

export type Json = null | boolean | number | string | Json[] | { [k: string]: Json };

/** One effect: `before` null is a creation, `after` null a deletion; both hold the changed fields only. */
export type Write = { object: string; id: string; before: Json; after: Json };

/** A request on the vendor's port. */
export type StandInRequest = {
  method: string;
  /** The raw pathname, undecoded, without the query. */
  path: string;
  /** The pathname's parts, decoded, empty ones left out. */
  segments: string[];
  query: URLSearchParams;
  /** Names in lower case; repeated headers joined by a comma. */
  headers: Record<string, string>;
  body: string;
  /** The body as it came, for files. */
  bytes: Buffer;
  /** The body as JSON; undefined when it is none. */
  json(): unknown;
  /** The body as a form. */
  form(): URLSearchParams;
};

/** `body`: an object is sent as JSON, a string or Buffer as it is, null or nothing as an empty body. */
export type Reply = { status: number; headers?: Record<string, string>; body?: string | object | null };

/** What a handler, an action or a background effect works with. */
export type Context<S> = {
  state: S;
  /** The time on the control clock. */
  now(): Date;
  /** Records an effect; call it after (or before) changing `state`, once per object. */
  write(w: Write): void;
  /** Says who is calling, for the ledger. */
  caller(name: string): void;
  /** The reply rests on this chosen constant: adds `x-standin-chosen`. */
  chosen(constant: string): void;
  /** A mail, push, text or webhook that would have left; shown by GET /outbox. */
  outbox(m: { to: string; kind: string; [k: string]: Json }): void;
  /** True when a planned fault `{kind:"special", name}` matches this request; uses it up by one. */
  special(name: string): boolean;
  /** A background effect, `ms` later on the stand-in's clock; a restart forgets it. */
  later(ms: number, job: (ctx: Context<S>) => void): void;
};

/** A closed product as its stand-in. `S` must be plain JSON: it is saved, shown by GET /state and put back by PUT /state. */
export type Definition<S> = {
  system: string;
  version: string;
  seed(o: { seed?: string; people?: number }): S;
  handle(req: StandInRequest, ctx: Context<S>): Reply | Promise<Reply>;
  /** What a person would do inside the product. Throw {@link Refusal} for input that cannot be done. */
  act?(input: { as?: string; action: string; [k: string]: Json }, ctx: Context<S>): Json;
  /** For GET /state/{collection}[/{id}]. */
  collections(state: S): Record<string, Record<string, Json>>;
  /** Fields masked as "set" in the ledger. */
  secretKeys: string[];
  /** The vendor's shape for errors made here, such as a `status` fault without a body. */
  errorBody(status: number, message: string, req: StandInRequest): string | object;
  /** Headers on every reply. */
  headers?: Record<string, string>;
  /** Who is calling, before the request is handled: lets faults match a caller even when nothing is done. */
  callerOf?(req: StandInRequest, state: S, now: Date): string | null;
  /** True for requests that only read; default GET and HEAD. Only these are answered from the past by a `stale` fault. */
  isRead?(req: StandInRequest): boolean;
  /** Top-level keys of the state that a `stale` read takes from the present (tickets, tokens). */
  live?: (keyof S & string)[];
  /** Derived rows shown by GET /state beside the state (such as effective access); PUT /state ignores them. */
  derived?(state: S): Record<string, Json>;
  /** Refuses a state that PUT /state brings: a sentence, or null when it is fine. */
  check?(state: unknown): string | null;
};

/** Input to the control address that cannot be done; answered with `status` (400 unless said) and the sentence. */
export class Refusal extends Error {
  readonly status: number;
  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

/** One line of the ledger. `status` is null where nothing was answered at all. */
export type Entry = {
  seq: number;
  at: string;
  caller: string;
  method: string;
  path: string;
  status: number | null;
  writes: Write[];
  fault: Json;
  replied: boolean;
};

export type FaultEffect =
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: Json }
  | { kind: 'delay'; ms: number }
  | { kind: 'hang' }
  | { kind: 'reset' }
  | { kind: 'lostReply' }
  | { kind: 'html'; status?: 200 | 502 }
  | { kind: 'truncate'; bytes: number }
  | { kind: 'stale'; ms: number }
  | { kind: 'special'; name: string };

/** A planned fault. `path` is a glob over the pathname: `*` stands for any characters, `/` included, `?` for one. */
export type FaultPlan = {
  match?: { method?: string; path?: string; caller?: string };
  skip?: number;
  times?: number;
  chance?: number;
  seed?: number;
  fault: FaultEffect;
};
