import { stop as stopPostgres } from '../ledger/embedded.ts';
import type { Child, Ended } from './child.ts';
import type { Layout } from './files.ts';
import { clearLeftovers, record } from './leftovers.ts';
import type { ProgramPart } from './parts.ts';
import { end, identify, isRunning, signalTo, type ProcessId } from './processes.ts';
import { LOCAL_NAMES } from './systems.ts';

export type Part = 'temporal' | 'ledger' | ProgramPart;

/** The stages in which parts end, each stage side by side: who uses goes before who is used. */
const STOP_STAGES: readonly (readonly Part[])[] = [['worker'], ['codec', ...LOCAL_NAMES], ['temporal'], ['ledger']];

/** Milliseconds until SIGKILL: a worker lets running activities finish (it gives up after 22 s itself); the rest has little to finish. */
const GRACE: Readonly<Partial<Record<Part, number>>> = { worker: 26_000, codec: 3_000, ledger: 10_000 };
const graceOf = (part: Part): number => GRACE[part] ?? 5_000;

/** The processes of one local system: written down as they start, ended in order. */
export class RunningParts {
  /** A part ended that nobody told to. Unset while the system comes up: there the start itself fails. */
  onLost: ((part: Part, how: Ended) => void) | undefined;
  readonly #layout: Layout;
  readonly #running = new Map<Part, ProcessId>();
  readonly #told = new Set<Part>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** At once after its start, before it is ready: a kill -9 of this process in the next moment must not lose it. */
  add(part: Part, child: Pick<Child, 'id' | 'ended'>): void {
    this.#running.set(part, child.id);
    this.#told.delete(part);
    this.#record();
    void child.ended.then((how) => {
      if (this.#running.get(part) === child.id && !this.#told.has(part)) this.onLost?.(part, how);
    });
  }

  /** The embedded PostgreSQL detaches itself; it is no child of ours to wait for. */
  addLedger(pid: number): void {
    const id = identify(pid);
    if (id !== undefined) this.add('ledger', { id, ended: untilGone(id) });
  }

  /** Ends one part, gently first. Nothing happens where it does not run. */
  async end(part: Part): Promise<void> {
    this.#told.add(part);
    const id = this.#running.get(part);
    if (part === 'ledger') await stopPostgres(this.#layout.pg);
    else if (id !== undefined) await end(id, graceOf(part));
    this.#running.delete(part);
    this.#record();
  }

  /** Ends all parts and forgets the folder's running state. Always ends. */
  async endAll(): Promise<void> {
    for (const stage of STOP_STAGES) await Promise.all(stage.map((part) => this.end(part)));
    await clearLeftovers(this.#layout);
  }

  /** Tells all parts to end without waiting: what still waits for one of them to come up fails then. */
  hurry(): void {
    for (const id of this.#running.values()) signalTo(id, 'SIGTERM');
  }

  /** Sends a signal to one part and waits until it is gone (SIGSTOP and SIGCONT: does not wait). @throws when it does not run. */
  async kill(part: Part, signal: NodeJS.Signals): Promise<void> {
    const id = this.#running.get(part);
    if (id === undefined || !isRunning(id)) throw new Error(`The part "${part}" does not run in this local system.`);
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return signalTo(id, signal);
    this.#told.add(part);
    await end(id, graceOf(part), signal);
  }

  #record(): void {
    record(this.#layout, Object.fromEntries(this.#running));
  }
}

/** Looks once a second. */
function untilGone(id: ProcessId): Promise<Ended> {
  return new Promise((done) => {
    const timer = setInterval(() => {
      if (isRunning(id)) return;
      clearInterval(timer);
      done({ code: null, signal: null });
    }, 1_000).unref();
  });
}
