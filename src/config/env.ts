/** The one place that reads `process.env`: connection, keys and switches. Systems and limits stand in `config/tenure.yaml`. */

export type CodecKey = { id: string; key: Uint8Array };

/** The first encrypts and decrypts, `old` ones only decrypt. */
export type CodecKeys = { current: CodecKey; old: readonly CodecKey[] };

export type Env = {
  /** TENURE_CONFIG: path of `tenure.yaml`. */
  configFile: string | undefined;
  /** TENURE_LOCAL: path of a running local system's `local.json`. */
  local: string | undefined;
  /** DATABASE_URL: the ledger. */
  databaseUrl: string | undefined;
  /** TENURE_CODEC_KEY (32 bytes in base64), TENURE_CODEC_KEY_ID (default `k1`), TENURE_CODEC_OLD_KEYS (`id:base64,id:base64`). */
  codec: CodecKeys | undefined;
  /** TENURE_METRICS_PORT: Prometheus end point on 127.0.0.1; absent: none. */
  metricsPort: number | undefined;
  /** TENURE_WATCH: this worker keeps the schedule of the directory watch; `paused` creates it paused. Absent: only with `--schedule`. */
  watch: 'running' | 'paused' | undefined;
  /** TENURE_LOG_LEVEL: trace, debug, info (default), warn, error. */
  logLevel: string;
};

/** Wrong configuration or environment: one sentence per mistake, each saying what to do. */
export class EnvError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'EnvError';
    this.problems = problems;
  }
}

const KEY_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

/** The process's own environment, to hand to what takes one. */
export const environment = (): NodeJS.ProcessEnv => process.env;

/** Reads and checks the environment. @throws {EnvError} with every mistake found. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const problems: string[] = [];
  const value = (name: string): string | undefined => source[name]?.trim() || undefined;

  const codec = readCodec(value, problems);
  const metricsPort = readPort('TENURE_METRICS_PORT', value, problems);
  const watch = value('TENURE_WATCH');
  if (watch !== undefined && watch !== 'running' && watch !== 'paused')
    problems.push(`TENURE_WATCH is "${watch}"; it must be "running" or "paused".`);
  const logLevel = value('TENURE_LOG_LEVEL') ?? 'info';
  if (!LEVELS.includes(logLevel))
    problems.push(`TENURE_LOG_LEVEL is "${logLevel}"; it must be one of ${LEVELS.join(', ')}.`);

  if (problems.length > 0) throw new EnvError(problems);
  return {
    configFile: value('TENURE_CONFIG'),
    local: value('TENURE_LOCAL'),
    databaseUrl: value('DATABASE_URL'),
    codec,
    metricsPort,
    watch: watch === 'paused' || watch === 'running' ? watch : undefined,
    logLevel,
  };
}

type Read = (name: string) => string | undefined;

function readCodec(value: Read, problems: string[]): CodecKeys | undefined {
  const before = problems.length;
  const text = value('TENURE_CODEC_KEY');
  const id = value('TENURE_CODEC_KEY_ID') ?? 'k1';
  const current = text === undefined ? undefined : parseKey('TENURE_CODEC_KEY', id, text, problems);
  const old = (value('TENURE_CODEC_OLD_KEYS') ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const colon = entry.indexOf(':');
      if (colon > 0) return parseKey('TENURE_CODEC_OLD_KEYS', entry.slice(0, colon), entry.slice(colon + 1), problems);
      problems.push('TENURE_CODEC_OLD_KEYS must read `id:base64,id:base64`; one entry has no id.');
      return undefined;
    })
    .filter((key) => key !== undefined);
  if (current === undefined && old.length > 0)
    problems.push('TENURE_CODEC_OLD_KEYS is set but TENURE_CODEC_KEY is not: set the key that encrypts.');
  const ids = [...(current ? [current.id] : []), ...old.map((key) => key.id)];
  if (new Set(ids).size < ids.length)
    problems.push(
      'Two codec keys have the same id: give each key of TENURE_CODEC_KEY_ID and TENURE_CODEC_OLD_KEYS its own.',
    );
  return current !== undefined && problems.length === before ? { current, old } : undefined;
}

function parseKey(name: string, id: string, text: string, problems: string[]): CodecKey | undefined {
  const key = new Uint8Array(Buffer.from(text, 'base64'));
  if (key.length !== 32)
    problems.push(
      `${name} holds a key of ${key.length} bytes; it must be 32 bytes in base64: openssl rand -base64 32.`,
    );
  else if (!KEY_ID.test(id))
    problems.push(`${name} has a key id that is not 1 to 64 letters, digits, ".", "_" or "-".`);
  else return { id, key };
  return undefined;
}

function readPort(name: string, value: Read, problems: string[]): number | undefined {
  const text = value(name);
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  problems.push(`${name} is "${text}"; it must be a port number from 1 to 65535.`);
  return undefined;
}
