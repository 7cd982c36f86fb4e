import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const url = z.string().min(1);

/** `local.json` of a running local system: one key per system, extended as systems are added. */
const localSchema = z.looseObject({
  temporal: z.looseObject({ address: z.string(), namespace: z.string(), ui: url.optional(), codec: url.optional() }),
  ledger: url,
  otds: z.looseObject({
    url,
    user: z.string(),
    password: z.string(),
    clientId: z.string().optional(),
    clientSecret: z.string().optional(),
  }),
  iconik: z.looseObject({ url, appId: z.string(), authToken: z.string() }),
});

type Local = z.infer<typeof localSchema>;

/** Where settings come from: the environment alone, or a running local system. */
export type Surroundings = {
  env: NodeJS.ProcessEnv;
  local: Local | undefined;
  /** Folder of the local system. */ data: string | undefined;
};

/** Everything that says where a system is. With a local system none of these is taken from the caller: the two are never mixed. */
const OURS = /^(OTDS_|ICONIK_|TEMPORAL_(?!CLI_PATH$)|DATABASE_URL$)/;
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

/** The environment that a worker or command of this local system would have been given. */
function localEnv(local: Local): Record<string, string> {
  const { temporal, otds, iconik } = local;
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    ...(temporal.codec === undefined ? {} : { TEMPORAL_CODEC_ENDPOINT: temporal.codec }),
    DATABASE_URL: local.ledger,
    OTDS_URL: otds.url,
    OTDS_USER: otds.user,
    OTDS_PASSWORD: otds.password,
    ...(otds.clientId === undefined ? {} : { OTDS_CLIENT_ID: otds.clientId }),
    ...(otds.clientSecret === undefined ? {} : { OTDS_CLIENT_SECRET: otds.clientSecret }),
    ICONIK_URL: iconik.url,
    ICONIK_APP_ID: iconik.appId,
    ICONIK_AUTH_TOKEN: iconik.authToken,
  };
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
  const others = Object.entries(source).filter(
    ([name]) => !OURS.test(name) && (codec === undefined || !CODEC.test(name)),
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
