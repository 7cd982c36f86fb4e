import { Clock } from './clock.ts';
import { Faults, faultInLedger } from './faults.ts';
import type { PlannedFault } from './faults.ts';
import { Ledger } from './ledger.ts';
import { Snapshots } from './snapshots.ts';
import { Store } from './store.ts';
import type { Context, Definition, Entry, Json, Reply, StandInRequest, Write } from './types.ts';

type Message = { seq: number; at: string; to: string; kind: string; [k: string]: Json };

/** What one request, action or background effect has done so far. */
export type Doing<S> = {
  context: Context<S>;
  caller: string;
  writes: Write[];
  chosen: Set<string>;
  special: PlannedFault | null;
};

/** The living state of one stand-in: what its two addresses share. */
export class Runtime<S> {
  readonly def: Definition<S>;
  readonly clock = new Clock();
  readonly faults = new Faults();
  readonly ledger: Ledger;
  readonly snapshots: Snapshots<S>;
  state: S;
  outbox: Message[] = [];
  #store: Store<S> | null = null;

  constructor(def: Definition<S>, dataDir?: string) {
    this.def = def;
    this.ledger = new Ledger(def.secretKeys);
    if (dataDir !== undefined) this.#store = new Store(dataDir, def.system, () => this.#saved());
    const saved = this.#store?.load() ?? null;
    this.state = saved ? saved.state : def.seed({});
    if (saved) {
      this.clock.offsetMs = saved.clockOffsetMs;
      this.ledger.entries = saved.ledger as Entry[]; // written by #saved below
      this.outbox = saved.outbox as Message[];
      this.faults.restore(saved.faults as PlannedFault[]);
    }
    this.snapshots = new Snapshots(
      () => this.state,
      () => this.clock.now(),
      () => this.faults.list.some((f) => f.fault.kind === 'stale'),
    );
    this.snapshots.restart();
  }

  /** Something happened that a restart must know. */
  changed(): void {
    this.#store?.changed();
  }

  /** Back to the seed: state, faults, outbox and clock. The ledger goes on. */
  reset(o: { seed?: string; people?: number }): void {
    this.state = this.def.seed(o);
    this.changed();
    this.faults.remove();
    this.outbox = [];
    this.clock.forget();
    this.clock.followReal();
    this.snapshots.restart();
  }

  /** Puts another state in the place of this one. */
  replace(state: S): void {
    this.state = state;
    this.snapshots.changed();
    this.changed();
  }

  /** A context for one piece of work on `state`, and what it comes to. `req` is null outside of requests. */
  begin(state: S, caller: string, req: StandInRequest | null, origin: string): Doing<S> {
    const doing: Doing<S> = { caller, writes: [], chosen: new Set(), special: null, context: undefined as never };
    doing.context = {
      state,
      now: () => this.clock.now(),
      write: (w) => doing.writes.push(structuredClone(w)),
      caller: (name) => (doing.caller = name),
      chosen: (constant) => doing.chosen.add(constant),
      outbox: (m) => this.outbox.push({ ...m, seq: this.outbox.length + 1, at: this.clock.now().toISOString() }),
      special: (name) => {
        if (!req) return false;
        const fault = this.faults.take(req, doing.caller, (f) => f.kind === 'special' && f.name === name);
        doing.special = fault ?? doing.special;
        return fault !== null;
      },
      later: (ms, job) => this.clock.later(ms, () => this.#background(origin, job)),
    };
    return doing;
  }

  /** Writes a piece of work down. */
  record(
    doing: Doing<S>,
    o: { method: string; path: string; status: number | null; fault?: PlannedFault | null; replied?: boolean },
  ): void {
    this.ledger.append({
      at: this.clock.now().toISOString(),
      caller: doing.caller,
      method: o.method,
      path: o.path,
      status: o.status,
      writes: doing.writes,
      fault: faultInLedger(o.fault ?? doing.special),
      replied: o.replied ?? true,
    });
    if (doing.writes.length > 0) this.snapshots.changed();
    this.changed();
  }

  /** The state that a read `ms` ago would have seen, with the parts that are always of the present. */
  stale(ms: number): S {
    const past = this.snapshots.at(ms);
    for (const key of this.def.live ?? []) past[key] = this.state[key];
    return past;
  }

  /** The vendor's reply with the headers of the stand-in. */
  dressed(reply: Reply, chosen: ReadonlySet<string>): Reply {
    const headers = { ...this.def.headers, ...reply.headers };
    if (chosen.size > 0) headers['x-standin-chosen'] = [...chosen].join(', ');
    return { ...reply, headers };
  }

  close(): void {
    this.clock.forget();
    this.snapshots.stop();
    this.#store?.flush();
  }

  #background(origin: string, job: (ctx: Context<S>) => void): void {
    const doing = this.begin(this.state, 'background', null, origin);
    job(doing.context);
    if (doing.writes.length > 0) this.record(doing, { method: 'EFFECT', path: origin, status: null });
    this.changed();
  }

  #saved() {
    return {
      system: this.def.system,
      clockOffsetMs: this.clock.offsetMs,
      state: this.state,
      ledger: this.ledger.entries,
      outbox: this.outbox,
      faults: this.faults.list,
    };
  }
}
