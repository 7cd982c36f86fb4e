/** The worker processes of one seed: started, killed at pause points or at any time, frozen, started again. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { dieWithParent } from '../../src/ledger/embeddedBinaries.ts';

/** Where an attempt stands when its worker is killed. */
export const WINDOWS = {
  'converge.intent': 'before intent',
  'converge.intended': 'intent → effect',
  'converge.applied': 'effect → proof',
  'converge.proved': 'proof → completion',
} as const;
export type Point = keyof typeof WINDOWS;

/** What becomes of one worker process: killed or frozen at a point, killed at some time, or left alone. */
export type Fate =
  | { kind: 'kill'; point: Point; nth: number }
  | { kind: 'freeze'; point: Point; nth: number; forMs: number }
  | { kind: 'killLater'; afterMs: number }
  | { kind: 'live' };

export type Stop = { at: Point; person: string; target?: string; change?: string };

type Process = { child: ChildProcessWithoutNullStreams; ended: Promise<void>; timer?: NodeJS.Timeout };

const SCRIPT = fileURLToPath(new URL('./worker.ts', import.meta.url));

export type CrewOptions = {
  folder: string;
  /** Worker processes at the same time. */
  size: number;
  env(slot: number): Readonly<Record<string, string>>;
  /** What becomes of the next process; `live` when the plan is through. */
  nextFate(): Fate;
  /** Told of each kill and freeze, for the tally and the protocol of the run. */
  onDisturbed(fate: Fate, stop: Stop | undefined): void;
};

/** Keeps `size` workers running until it is stopped. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #log: WriteStream;
  readonly #running = new Map<number, Process>();
  #stopping = false;
  #calm = false;
  /** Processes that ended without being told: at its start a worker gives up when a server is away just then, and whoever looks after it starts it again. */
  lost: string[] = [];

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#log = createWriteStream(join(options.folder, 'workers.log'), { flags: 'a' });
  }

  start(): void {
    for (let slot = 0; slot < this.#options.size; slot++) this.#spawn(slot);
  }

  /** From now on nobody is disturbed any more. */
  calm(): void {
    this.#calm = true;
    for (const { timer, child } of this.#running.values()) {
      clearTimeout(timer);
      child.stdin.write('go\n');
      child.kill('SIGCONT');
    }
  }

  /** Kills all and returns when they are gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const all = [...this.#running.values()];
    for (const { child, timer } of all) {
      clearTimeout(timer);
      child.kill('SIGKILL');
    }
    await Promise.all(all.map((one) => one.ended));
    await new Promise<void>((done) => this.#log.end(done));
  }

  #spawn(slot: number): void {
    const fate: Fate = this.#calm ? { kind: 'live' } : this.#options.nextFate();
    const args = fate.kind === 'kill' || fate.kind === 'freeze' ? [JSON.stringify(fate)] : [];
    // The kernel ends it with this process, also while it is frozen.
    const [command, all] = dieWithParent('KILL', process.execPath, [
      '--disable-warning=ExperimentalWarning',
      SCRIPT,
      ...args,
    ]);
    const child = spawn(command, all, {
      env: { ...this.#options.env(slot) },
      stdio: 'pipe',
    });
    child.stderr.pipe(this.#log, { end: false });
    child.stdin.on('error', () => undefined); // it was killed
    const one: Process = { child, ended: new Promise((done) => child.once('exit', () => done())) };
    this.#running.set(slot, one);
    let told = false;
    const kill = (stop?: Stop): void => {
      if (told) return;
      told = true;
      child.kill('SIGKILL');
      this.#options.onDisturbed(fate, stop);
    };
    createInterface(child.stdout).on('line', (line) => {
      const said = JSON.parse(line) as { ready: true } | Stop; // worker.ts prints these two
      if ('at' in said) {
        if (this.#calm) child.stdin.write('go\n');
        else if (fate.kind === 'kill') kill(said);
        else if (fate.kind === 'freeze') this.#freeze(one, fate, said);
      } else if (fate.kind === 'killLater' && !this.#calm) one.timer = setTimeout(kill, fate.afterMs);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(one.timer);
      if (this.#stopping) return;
      if (signal !== 'SIGKILL' || !told) this.lost.push(`worker ${slot} ended by itself (${signal ?? code})`);
      this.#spawn(slot);
    });
  }

  /** A process that stands still longer than its leases and heartbeats last, and then goes on as if nothing had been. */
  #freeze(one: Process, fate: Extract<Fate, { kind: 'freeze' }>, stop: Stop): void {
    one.child.kill('SIGSTOP');
    this.#options.onDisturbed(fate, stop);
    one.timer = setTimeout(() => {
      one.child.stdin.write('go\n');
      one.child.kill('SIGCONT');
    }, fate.forMs);
  }
}
