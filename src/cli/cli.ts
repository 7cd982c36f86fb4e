import { existsSync } from 'node:fs';
import { surroundings } from '../config/local.ts';
import type { Surroundings } from '../config/local.ts';
import { createLedger } from '../ledger/index.ts';
import type { PostgresLedger } from '../ledger/index.ts';
import { createLogger } from '../log.ts';
import { loadSettings } from '../workers/settings.ts';
import { wire } from '../workers/wire.ts';
import type { Wired } from '../workers/wire.ts';
import type { PersonRef } from '../domain/person.ts';
import type { Attempt } from '../provisioning/engine.ts';
import { suggest } from '../config/suggest.ts';

/** Where a command writes and what surrounds it; tests hand in their own. */
export type Io = {
  out(text: string): void;
  err(text: string): void;
  env: NodeJS.ProcessEnv;
  /** A person looks at standard error. */
  watched?: boolean;
};

export type GlobalOptions = { data?: string; json?: boolean };

/** A mistake of the caller's, or a state of the world, in one plain sentence. Exit code 1. */
export class CliError extends Error {
  override name = 'CliError';
}

const NOTHING_TO_TALK_TO =
  'There is no local system here and none is configured. Start one with npm start (or name its folder with --data), ' +
  'or set DATABASE_URL, OTDS_URL and the other variables of config/tenure.yaml.';

/** What commands share: settings found once, connections opened when needed and closed at the end, and one way to answer. */
export class Cli {
  readonly io: Io;
  readonly options: GlobalOptions;
  private found: Surroundings | undefined;
  private openLedger: PostgresLedger | undefined;
  private readonly closers: (() => Promise<unknown>)[] = [];

  constructor(io: Io, options: GlobalOptions) {
    this.io = io;
    this.options = options;
  }

  /** Whether any system is named anywhere. */
  get configured(): boolean {
    this.found ??= surroundings(this.options.data, this.io.env);
    const { local, env } = this.found;
    return local !== undefined || Boolean(env['DATABASE_URL'] ?? env['OTDS_URL']);
  }

  /** Where the systems are. @throws {CliError} when nothing is named anywhere. */
  get surroundings(): Surroundings {
    this.found ??= surroundings(this.options.data, this.io.env);
    if (!this.configured) throw new CliError(NOTHING_TO_TALK_TO);
    return this.found;
  }

  /** The ledger, as it is: commands never migrate. */
  ledger(): PostgresLedger {
    const url = this.surroundings.env['DATABASE_URL'];
    if (!url) throw new CliError('DATABASE_URL is not set: it says where the ledger (PostgreSQL) is.');
    this.openLedger ??= this.closing(createLedger({ url, poolSize: 2 }));
    return this.openLedger;
  }

  /** The engine over this configuration; secrets stay out of its log, which goes to standard error and only errors. */
  async wired(): Promise<Wired> {
    const settings = loadSettings(this.surroundings);
    const log = createLogger({ level: 'error', secrets: settings.secrets });
    return this.closing(await wire(settings, { log }));
  }

  /** A person by `login@partition`. @throws {CliError} naming similar people when the ledger knows nobody of that name. */
  async person(who: string): Promise<PersonRef> {
    const person = await this.ledger().personByWho(who);
    if (person !== undefined) return person;
    const known = [...(await this.ledger().newestDigests()).values()].map((newest) => newest.who);
    const meant = suggest(who, known);
    throw new CliError(
      `The ledger knows nobody called ${who}.${meant === undefined ? ' People are written login@partition; those whom no run has looked at yet are unknown to it.' : ` Did you mean ${meant}?`}`,
    );
  }

  /** An attempt of a command's own: no lease is taken under it that outlives the command. */
  attempt(holder: string): Attempt {
    return {
      holder,
      now: new Date().toISOString(),
      signal: new AbortController().signal,
      heartbeat: () => undefined,
    };
  }

  /** How far a long command is, on one line of standard error; undefined ends the line. Not where nobody watches. */
  progress(text: string | undefined): void {
    if (!this.io.watched) return;
    this.io.err(text === undefined ? '\r\u001b[K' : `\r\u001b[K${text}`);
  }

  /** Remembers to close it when the command ends. */
  closing<T extends { close(): Promise<unknown> }>(thing: T): T {
    this.closers.push(() => thing.close());
    return thing;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.closers.map((close) => close()));
  }

  /** The answer: `value` as JSON with --json, else `text`. */
  answer(value: unknown, text: string): void {
    this.io.out(this.options.json ? `${JSON.stringify(value, null, 2)}\n` : `${text.replace(/\n+$/, '')}\n`);
  }

  /** A file the caller named. @throws {CliError} when it is not there. */
  existing(file: string): string {
    if (!existsSync(file)) throw new CliError(`There is no file ${file}.`);
    return file;
  }
}
