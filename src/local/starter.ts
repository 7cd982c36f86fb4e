import { join } from 'node:path';
import { startOrAttach } from '../ledger/embedded.ts';
import type { Layout } from './files.ts';
import type { LocalSystemOptions } from './localSystem.ts';
import { startProgram, type ProgramPart, type Running } from './parts.ts';
import type { Ports } from './ports.ts';
import type { Part, RunningParts } from './runningParts.ts';
import { startTemporalServer } from './temporalServer.ts';

/** Starts the parts of one local system, the first time and again. */
export class Starter {
  /** For the programs that are started next. */
  env: Readonly<Record<string, string>> = {};
  /** The Temporal CLI in use. */
  cli = '';
  readonly options: LocalSystemOptions & { say: (line: string) => void };
  readonly layout: Layout;
  readonly ports: Ports;
  readonly #parts: RunningParts;

  constructor(options: Starter['options'], layout: Layout, ports: Ports, parts: RunningParts) {
    this.options = options;
    this.layout = layout;
    this.ports = ports;
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

  /** Answers the line that the program printed when it was ready. */
  async program(part: ProgramPart): Promise<Running['said']> {
    this.#check();
    const { ports, layout, env } = this;
    const spawned: (child: Running['child']) => void = (child) => this.#parts.add(part, child);
    return (await startProgram(part, { ports, layout, env, bound: this.#bound, spawned })).said;
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

  get #bound(): boolean {
    return this.options.outlive !== true;
  }

  #check(): void {
    this.options.signal?.throwIfAborted();
  }
}
