import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { allSystems } from '../systems/all.ts';

const url = z.string().min(1);

/** `local.json` of a running local system: besides Temporal and the ledger one key per system, whose texts are what a client of it needs. */
const localSchema = z.looseObject({
  temporal: z.looseObject({ address: z.string(), namespace: z.string(), ui: url.optional(), codec: url.optional() }),
  ledger: url,
  otds: z.looseObject({ url, user: z.string(), password: z.string() }),
  /** The systems that run, where it was started with a part of them. */
  only: z.array(z.string()).readonly().optional(),
});

export type Local = z.infer<typeof localSchema>;

/** Where settings come from: the environment alone, or a running local system. */
export type Surroundings = {
  env: NodeJS.ProcessEnv;
  local: Local | undefined;
  /** Folder of the local system. */ data: string | undefined;
};

/** What runs in a local system for the one system `push`, which is there as soon as one of them is. */
export const PUSH_PROVIDERS: readonly string[] = ['notifications', 'fcm', 'otag'];

/** The environment variable for key `k` of system `s`: `cloudinary.apiKey` is `CLOUDINARY_API_KEY`. */
export function variableOf(system: string, key: string): string {
  return `${system}_${key}`.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

/**
 * Whether a variable says where a system, Temporal or the ledger is. With a local system none of these is taken from the caller: the two are never
 * mixed. `more`: systems beside those that Tenure knows.
 */
export function saysWhere(name: string, more: readonly string[]): boolean {
  if (/^(TEMPORAL_(?!CLI_PATH$)|DATABASE_URL$|TENURE_SYSTEMS$)/.test(name)) return true;
  const systems = [...allSystems.map((module) => module.name), ...more];
  return !name.endsWith('_PROXY') && systems.some((system) => name.startsWith(variableOf(system, '')));
}

const CODEC = /^TENURE_CODEC_/;

/** Reads `local.json`. @throws with a sentence when it cannot be read. */
function readLocal(file: string): Local {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new Error(`${file} cannot be read as JSON; start the local system again: npm start.`);
  }
  const parsed = localSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new Error(`${file} is incomplete (${where}); start the local system again: npm start.`);
}

/** The environment that a worker or command of this local system is given: addresses and credentials, not the codec's key. */
export function localEnv(local: Local): Record<string, string> {
  const { temporal, ledger, only } = local;
  const running = only?.map((name) => (PUSH_PROVIDERS.includes(name) ? 'push' : name));
  const known = allSystems.map((module) => module.name).filter((name) => running?.includes(name));
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    ...(temporal.codec === undefined ? {} : { TEMPORAL_CODEC_ENDPOINT: temporal.codec }),
    DATABASE_URL: ledger,
    ...(only === undefined ? {} : { TENURE_SYSTEMS: known.join(',') }),
    ...Object.fromEntries(systemsOf(local).flatMap(([system, entry]) => variablesOf(system, entry))),
  };
}

/** Every system with its entry. */
function systemsOf({ temporal: _temporal, ledger: _ledger, only: _only, ...systems }: Local): [string, object][] {
  return Object.entries(systems).flatMap(([name, entry]): [string, object][] =>
    typeof entry === 'object' && entry !== null ? [[name, entry]] : [],
  );
}

/** `control` belongs to the stand-in, not to the system: nothing of Tenure's may know it. */
function variablesOf(system: string, entry: object): [string, string][] {
  return Object.entries(entry).flatMap(([key, value]: [string, unknown]): [string, string][] =>
    typeof value === 'string' && key !== 'control' ? [[variableOf(system, key), value]] : [],
  );
}

/**
 * Decides where a command finds its systems: the local system in `data` (or TENURE_LOCAL) when one is named; else the environment when it names
 * OTDS or the ledger; else a local system in `.tenure`. @throws with a sentence when a named local system is not there.
 */
export function surroundings(data?: string, source: NodeJS.ProcessEnv = process.env): Surroundings {
  const named = data === undefined ? source['TENURE_LOCAL'] : join(data, 'local.json');
  const configured = Boolean(source['OTDS_URL'] ?? source['DATABASE_URL']);
  const file = named ?? (configured ? undefined : usual());
  if (file === undefined || (named === undefined && !existsSync(file)))
    return { env: source, local: undefined, data: undefined };
  if (!existsSync(file))
    throw new Error(
      `There is no local system in ${resolve(file, '..')}: start one with npm start -- --data DIR, or name another with --data.`,
    );
  const local = readLocal(file);
  const folder = resolve(file, '..');
  const codec = codecOf(folder);
  const systems = systemsOf(local).map(([name]) => name);
  const others = Object.entries(source).filter(
    ([name]) => !saysWhere(name, systems) && (codec === undefined || !CODEC.test(name)),
  );
  return { env: { ...Object.fromEntries(others), ...localEnv(local), ...codec }, local, data: folder };
}

/** The local system of this folder, or of the project's. */
function usual(): string {
  const here = join('.tenure', 'local.json');
  return existsSync(here) ? here : fileURLToPath(new URL('../../.tenure/local.json', import.meta.url));
}

/** The local system's own codec key, from its `secrets.env`; undefined where it keeps none: then the caller's counts. */
function codecOf(folder: string): Record<string, string> | undefined {
  const file = join(folder, 'secrets.env');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => CODEC.test(line));
  const entries = lines.map((line): [string, string] => [
    line.slice(0, line.indexOf('=')),
    line.slice(line.indexOf('=') + 1),
  ]);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
