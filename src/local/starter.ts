import { join } from 'node:path';
import { startOrAttach } from '../ledger/embedded.ts';
import type { Daemon } from './daemons/find.ts';
import type { Layout } from './files.ts';
import type { LocalSystemOptions } from './localSystem.ts';
import { programOf, startProgram, type ProgramPart, type Said } from './parts.ts';
import type { Ports } from './ports.ts';
import type { Part, RunningParts } from './runningParts.ts';
import { localSecrets, type Secrets } from './secrets.ts';
import { isSystem, LOCAL_NAMES, rowOf, type LocalName } from './systems.ts';
import { startTemporalServer } from './temporalServer.ts';

/** Starts the parts of one local system, the first time and again. */
export class Starter {
  /** Of the worker; set when the systems run. */
  workerEnv: Readonly<Record<string, string>> = {};
  /** The Temporal CLI in use. */
  cli = '';
  readonly options: LocalSystemOptions & { say: (line: string) => void };
  readonly layout: Layout;
  readonly ports: Ports;
  /** Undefined: no FTP server runs. */
  readonly proftpd: Daemon | undefined;
  readonly secrets: Secrets;
  readonly #parts: RunningParts;

  constructor(
    options: Starter['options'],
    { layout, ports, parts, proftpd }: Pick<Starter, 'layout' | 'ports' | 'proftpd'> & { parts: RunningParts },
  ) {
    this.options = options;
    this.layout = layout;
    this.ports = ports;
    this.proftpd = proftpd;
    this.secrets = localSecrets(layout.secrets);
    this.#parts = parts;
  }

  /** Answers the ledger's URL. */
  async ledger(): Promise<string> {
    if (this.options.databaseUrl !== undefined) return this.options.databaseUrl;
    this.#check();
    const { url, pid } = await startOrAttach(this.layout.pg, {
      bound: this.#bound,
      settings: { max_connections: '200' },
    });
    this.#parts.addLedger(pid);
    return url;
  }

  async temporal(): Promise<void> {
    this.#check();
    await startTemporalServer({
      cli: this.cli,
      port: this.ports.temporal,
      uiPort: this.ports.ui,
      metricsPort: this.ports.temporalMetrics,
      httpPort: this.ports.temporalHttp,
      codecEndpoint: `http://127.0.0.1:${this.ports.codec}`,
      logFile: join(this.layout.logs, 'temporal.log'),
      bound: this.#bound,
      spawned: (child) => this.#parts.add('temporal', child),
      ...(this.options.temporal?.inMemory === true ? {} : { dbFile: this.layout.temporalDb }),
    });
  }

  /** Answers what the program told of itself when it was ready. */
  async program(part: ProgramPart): Promise<Said> {
    this.#check();
    return startProgram(programOf(part, this), {
      logFile: join(this.layout.logs, `${part}.log`),
      bound: this.#bound,
      spawned: (child) => this.#parts.add(part, child),
    });
  }

  /** Starts the systems side by side, each after those that it asks. Answers what each told of itself. */
  async systems(): Promise<Partial<Record<LocalName, Said>>> {
    const begun: Partial<Record<LocalName, Promise<Said>>> = {};
    for (const name of LOCAL_NAMES) {
      if (!this.#runs(name)) continue;
      const before = Object.keys((isSystem(name) && rowOf(name).asks) || {}).flatMap((other) =>
        isSystem(other) ? [begun[other]] : [],
      );
      begun[name] = inTurn(before, () => this.program(name));
    }
    const told = await allOf(Object.entries(begun).map(async ([name, said]) => [name, await said] as const));
    return Object.fromEntries(told);
  }

  /** Ends a part gently if it still runs, and starts it again. */
  async restart(part: Part): Promise<void> {
    if (part === 'ledger' && this.options.databaseUrl !== undefined) {
      throw new Error('The ledger is the one of DATABASE_URL: restart it there.');
    }
    await this.#parts.end(part);
    if (part === 'ledger') await this.ledger();
    else if (part === 'temporal') await this.temporal();
    else await this.program(part);
  }

  #runs(name: LocalName): boolean {
    return name === 'ftp' ? this.ports.ftp !== undefined : this.ports.systems[name] !== undefined;
  }

  get #bound(): boolean {
    return this.options.outlive !== true;
  }

  #check(): void {
    this.options.signal?.throwIfAborted();
  }
}

async function inTurn<T>(before: readonly (Promise<T> | undefined)[], then: () => Promise<T>): Promise<T> {
  for (const one of before) await one;
  return then();
}

/** Like Promise.all, but waits for all before it throws: nothing may still be starting while the rest is being ended. */
export async function allOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return Promise.all(work);
}
