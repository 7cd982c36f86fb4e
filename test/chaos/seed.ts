/** One seed from its start to the oracle's word. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { dataConverter } from '../../src/workers/dataConverter.ts';
import { asked, Hr } from './company.ts';
import { Devices } from './devices.ts';
import { clear, plant } from './faults.ts';
import { furnish } from './furnish.ts';
import { LedgerView } from './ledgerView.ts';
import { livesOf } from './lives.ts';
import { baseline, judge, type Given } from './oracle.ts';
import { Operator } from './operator.ts';
import { Progress, type Met } from './progress.ts';
import { random, type Random } from './random.ts';
import { startServers, type Servers } from './servers.ts';
import { CALLER, type Controls, type System } from './systems.ts';
import { workerEnv } from './workerEnv.ts';
import { Crew, WINDOWS, type Fate, type Point } from './workers.ts';

export type Tally = {
  /** Kills by where the attempt stood, and those at any time. */
  kills: Record<string, number>;
  freezes: number;
  faults: number;
  temporalRestarts: number;
  ledgerRestarts: number;
  terminated: number;
  writes: number;
  runsLeft: number;
  /** What each system saw. */
  met: Partial<Record<System, Met>>;
  /** Kills and freezes by the target that the attempt worked on. */
  stopped: Record<string, number>;
};
export type SeedResult = { seed: number; problems: string[]; tally: Tally; tookMs: number };

export type SeedOptions = {
  seed: number;
  /** A folder of its own for data and logs. */
  folder: string;
  template: string;
  cli: string;
  say: (line: string) => void;
  signal: AbortSignal;
};

/** Worker processes at once. */
const SIZE = 2;
/** As long as this somebody goes on moving while windows are not met. */
const CHAOS_MS = 45_000;
/** Planned faults per seed, each for a few requests. */
const FAULTS = 60;
const QUIET_MS = 240_000;

const POINTS = Object.keys(WINDOWS) as Point[]; // the keys of a constant

/** Every window at least once, then some more anywhere. */
function fatesOf(random: Random): Fate[] {
  const kill = (point: Point): Fate => ({ kind: 'kill', point, nth: random.int(1, 3) });
  const freeze: Fate = {
    kind: 'freeze',
    point: random.pick(POINTS),
    nth: random.int(1, 3),
    forMs: random.int(2_000, 7_000),
  };
  const more: Fate[] = [kill(random.pick(POINTS)), { kind: 'killLater', afterMs: random.int(200, 4_000) }, freeze];
  return random.shuffled([...POINTS.map(kill), ...more]);
}

export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  const began = performance.now();
  const run = new SeedRun(options);
  try {
    const problems = await run.run();
    if (problems.length > 0) await run.keepEvidence();
    return { seed: options.seed, problems, tally: run.tally, tookMs: performance.now() - began };
  } catch (error) {
    await run.keepEvidence();
    throw error;
  } finally {
    await run.stop();
  }
}

class SeedRun {
  readonly tally: Tally = {
    kills: {},
    freezes: 0,
    faults: 0,
    temporalRestarts: 0,
    ledgerRestarts: 0,
    terminated: 0,
    writes: 0,
    runsLeft: 0,
    met: {},
    stopped: {},
  };
  readonly #options: SeedOptions;
  readonly #random: Random;
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #given: Given[] = [];
  #chaos = true;
  readonly #began = performance.now();
  #evidence: (() => Promise<unknown>) | undefined;

  constructor(options: SeedOptions) {
    this.#options = options;
    this.#random = random(options.seed);
  }

  /** Writes down what both sides remember of a failure. */
  async keepEvidence(): Promise<void> {
    const evidence = await this.#evidence?.();
    if (evidence !== undefined) writeFileSync(join(this.#options.folder, 'evidence.json'), JSON.stringify(evidence));
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse())
      await stop().catch((error: unknown) => this.#say(`stopping: ${String(error)}`));
  }

  #say(line: string): void {
    this.#options.say(`seed ${this.#options.seed}: ${line}`);
  }

  async run(): Promise<string[]> {
    const { folder, template, cli, signal } = this.#options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const servers = await startServers(folder, template, cli);
    this.#stops.push(() => servers.stop());
    const { controls, standIns } = servers;
    await furnish(controls, SIZE);
    const from = await baseline(controls);
    const progress = new Progress(controls);
    await progress.begin();

    const key = randomBytes(32);
    const codecKey = { id: 'chaos', key };
    const crew = this.#crew(servers, key);
    const ledger = new LedgerView(servers.ledgerUrl);
    this.#stops.push(() => ledger.close());
    const devices = new Devices(servers.ledgerUrl, codecKey, controls.fcm);
    this.#stops.push(() => devices.close());
    // Never closed: calls that still wait for their retry would throw out of a timer. It ends with the process.
    const connection = Connection.lazy({ address: servers.temporalAddress });
    const client = new Client({ connection, dataConverter: dataConverter({ current: codecKey, old: [] }) });
    const operator = new Operator({ client, ledger, signal, say: (line) => this.#say(line) });

    this.#evidence = async () => {
      const ledgers = Object.entries(controls).map(
        async ([name, url]) => [name, await asked(`${url}/ledger`, 'GET')] as const,
      );
      return {
        given: this.#given,
        ...Object.fromEntries(await Promise.all(ledgers)),
        ledger: await ledger.evidence(),
        runs: await operator.statuses(),
      };
    };
    crew.start();
    const watch = operator.watchOn();
    this.#stops.push(watch.stop);
    const disturbers = Promise.all([
      this.#plantFaults(controls),
      this.#upset(servers, operator, () => progress.writes()),
    ]);
    disturbers.catch(() => undefined); // thrown where it is awaited
    const lives = livesOf(this.#random.fork('lives'));
    const world = operator.world(new Hr(standIns.otds.url), devices, {
      requests: () => progress.writes(),
      more: () => this.#killing(),
      given: (given) => void this.#given.push(given),
    });
    for (const life of lives) this.#say(`${life.who}: ${life.name}`);
    const lived = Promise.all(
      lives.map((life) => life.live(world).then(() => this.#say(`${life.who}: ${life.name} is through`))),
    );
    await Promise.race([lived, this.#broken(crew)]);
    this.#chaos = false;
    await disturbers;
    await clear(controls);
    crew.calm();
    this.#say('calm');

    const unsettled = await operator.quiet(QUIET_MS);
    await watch.stop();
    if (unsettled.length > 0) return unsettled.map((why) => `not at rest: ${why}`);
    this.tally.runsLeft = await operator.endRuns();
    this.tally.writes = await progress.writes();
    this.tally.met = progress.met();
    await operator.pass();
    const wrong = await judge(controls, CALLER, from, this.#given, await ledger.devices());
    if ((await progress.writes()) !== this.tally.writes)
      wrong.push('a further pass over a system at rest wrote something');
    return [...wrong, ...(await ledger.leftovers())];
  }

  #crew(servers: Servers, key: Buffer): Crew {
    const { folder } = this.#options;
    const fates = fatesOf(this.#random.fork('fates'));
    const crew = new Crew({
      folder,
      size: SIZE,
      env: (slot) => workerEnv(servers, key, slot),
      nextFate: () => fates.shift() ?? { kind: 'live' },
      onDisturbed: (fate, stop) => {
        const where = fate.kind === 'kill' ? WINDOWS[fate.point] : fate.kind === 'freeze' ? 'freeze' : 'at any time';
        if (fate.kind === 'freeze') this.tally.freezes++;
        else this.tally.kills[where] = (this.tally.kills[where] ?? 0) + 1;
        const target = stop?.target;
        if (target !== undefined) this.tally.stopped[target] = (this.tally.stopped[target] ?? 0) + 1;
        this.#say(
          `${fate.kind} ${where}${stop ? ` (${stop.person} at ${stop.target}: ${stop.change ?? stop.at})` : ''}`,
        );
      },
    });
    this.#stops.push(() => crew.stop());
    return crew;
  }

  /** Windows still unmet, for as long as there is time. */
  #killing(): boolean {
    const unmet = POINTS.some((point) => (this.tally.kills[WINDOWS[point]] ?? 0) === 0);
    return unmet && performance.now() - this.#began < CHAOS_MS;
  }

  /** A worker that cannot even start must not be started for ever. */
  async #broken(crew: Crew): Promise<void> {
    for (;;) {
      this.#options.signal.throwIfAborted();
      if (crew.lost.length > 5)
        throw new Error(`Workers end by themselves: ${crew.lost.join('; ')}. See ${this.#options.folder}/workers.log`);
      await pause(200, undefined, { ref: false });
    }
  }

  async #plantFaults(controls: Controls): Promise<void> {
    const numbers = this.#random.fork('faults');
    for (let left = FAULTS; left > 0 && this.#chaos; left--) {
      const planted = await plant(controls, numbers);
      this.tally.faults++;
      this.#say(`fault ${planted}`);
      await pause(numbers.int(200, 1_000), undefined, { ref: false });
    }
  }

  /** Each server crashes once in a seed, and some runs are terminated, each after some work was done. */
  async #upset(servers: Servers, operator: Operator, work: () => Promise<number>): Promise<void> {
    const numbers = this.#random.fork('upsets');
    for (const what of numbers.shuffled(['temporal', 'ledger', 'run', 'run'] as const)) {
      const enough = (await work()) + numbers.int(3, 12);
      const atLatest = performance.now() + 6_000;
      while (this.#chaos && (await work()) < enough && performance.now() < atLatest)
        await pause(100, undefined, { ref: false });
      if (!this.#chaos) return;
      if (what === 'run') await this.#terminateOne(operator, numbers);
      else await this.#restart(servers, what);
    }
  }

  async #restart(servers: Servers, what: 'temporal' | 'ledger'): Promise<void> {
    this.#say(`restart of ${what}`);
    if (what === 'temporal') {
      await servers.restartTemporal();
      this.tally.temporalRestarts++;
    } else {
      await servers.restartLedger();
      this.tally.ledgerRestarts++;
    }
    this.#say(`${what} is back`);
  }

  /** Not the one run that an operator's word about a departure may still stand in alone. */
  async #terminateOne(operator: Operator, numbers: Random): Promise<void> {
    const spoken = new Set(this.#given.filter((g) => g.kind === 'depart').map((g) => g.who));
    const gone = await operator.terminateOne(
      numbers,
      (run) => run.type === 'offboarding' && [...spoken].some((who) => run.workflowId.includes(who)),
    );
    if (gone === undefined) return;
    this.tally.terminated++;
    this.#say(`terminated ${gone}`);
  }
}
