/** How each part of a local system is started. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readyLine, startChild, type Child } from './child.ts';
import { layoutOf, ROOT, type Layout, type LocalJson } from './files.ts';
import type { Ports } from './ports.ts';
import type { Secrets } from './secrets.ts';
import { NAMESPACE } from './temporalServer.ts';
import { inherited } from '../config/inherited.ts';

/** The parts that run as programs of ours. */
export type ProgramPart = 'otds' | 'iconik' | 'codec' | 'worker';

type Program = { name: string; file: string; args: (ports: Ports, layout: Layout) => string[] };

const standIn = (system: 'otds' | 'iconik', ports: Ports, layout: Layout): string[] => [
  ...['--port', String(ports[system]), '--control-port', String(ports[`${system}Control`])],
  ...['--data', layout.sandbox],
];

const PROGRAMS: Readonly<Record<ProgramPart, Program>> = {
  otds: {
    name: 'OTDS stand-in',
    file: 'sandbox/otds/main.ts',
    args: (ports, layout) => standIn('otds', ports, layout),
  },
  iconik: {
    name: 'iconik stand-in',
    file: 'sandbox/iconik/main.ts',
    args: (ports, layout) => standIn('iconik', ports, layout),
  },
  codec: { name: 'codec server', file: 'src/workers/codecServer.ts', args: (ports) => ['--port', String(ports.codec)] },
  worker: { name: 'worker', file: 'src/workers/main.ts', args: () => [] },
};

/** A program that is up, and the line that it printed when it was ready. */
export type Running = { child: Child; said: Readonly<Record<string, unknown>> };

export type ProgramOptions = {
  ports: Ports;
  layout: Layout;
  env: Readonly<Record<string, string>>;
  bound: boolean;
  /** Told as soon as it runs, before it is ready. */ spawned: (child: Child) => void;
};

/** Starts one of our programs under this Node and waits for its line (limit 60 s). */
export async function startProgram(part: ProgramPart, options: ProgramOptions): Promise<Running> {
  const { name, file, args } = PROGRAMS[part];
  const logFile = join(options.layout.logs, `${part}.log`);
  const from = existsSync(logFile) ? statSync(logFile).size : 0;
  const child = await startChild({
    name,
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', join(ROOT, file), ...args(options.ports, options.layout)],
    env: { ...callersEnv(), ...options.env },
    logFile,
    bound: options.bound,
  });
  options.spawned(child);
  try {
    return { child, said: await readyLine(child, from, 60_000) };
  } catch (error) {
    await child.stop(2_000);
    throw error;
  }
}

/** The caller's environment without what says where a system is: a local system never reaches another one by accident. */
function callersEnv(): NodeJS.ProcessEnv {
  const theirs = /^(OTDS_|ICONIK_|TEMPORAL_|DATABASE_URL$|PG[A-Z]+$|TENURE_|NODE_CHANNEL_)/;
  return { ...Object.fromEntries(Object.entries(inherited).filter(([name]) => !theirs.test(name))), TZ: 'UTC' };
}

/** What `local.json` says. What a stand-in announced itself goes before what it was told. */
export function localJson(
  ports: Ports,
  secrets: Secrets,
  ledger: string,
  said: Partial<Record<'otds' | 'iconik', Running['said']>>,
): LocalJson {
  const http = (port: number): string => `http://127.0.0.1:${port}`;
  const take = <T extends object>(known: T, announced: Running['said'] = {}): T =>
    Object.fromEntries(
      Object.entries(known).map(([key, value]) => [key, typeof announced[key] === 'string' ? announced[key] : value]),
    ) as T; // same keys
  return {
    temporal: {
      address: `127.0.0.1:${ports.temporal}`,
      namespace: NAMESPACE,
      ui: http(ports.ui),
      codec: http(ports.codec),
    },
    ledger,
    otds: take(
      {
        url: http(ports.otds),
        user: 'otadmin@otds.admin',
        password: secrets.OTDS_PASSWORD,
        partition: 'staff',
        clientId: 'tenure',
        clientSecret: secrets.OTDS_CLIENT_SECRET,
        control: http(ports.otdsControl),
      },
      said.otds,
    ),
    iconik: take(
      {
        url: http(ports.iconik),
        appId: secrets.ICONIK_APP_ID,
        authToken: secrets.ICONIK_AUTH_TOKEN,
        control: http(ports.iconikControl),
      },
      said.iconik,
    ),
  };
}

/** The environment of stand-ins and codec server, before the addresses are known. */
export const secretsEnv = (secrets: Secrets): Record<string, string> => ({
  ...secrets,
  OTDS_SANDBOX_PASSWORD: secrets.OTDS_PASSWORD,
  OTDS_SANDBOX_SECRET: secrets.OTDS_CLIENT_SECRET,
  ICONIK_SANDBOX_APP_ID: secrets.ICONIK_APP_ID,
  ICONIK_SANDBOX_TOKEN: secrets.ICONIK_AUTH_TOKEN,
});

export type WorkerEnvOptions = {
  data: string;
  config: string;
  local: LocalJson;
  secrets: Secrets;
  ports: Ports;
  watch: boolean;
};

/** The environment of workers, and of every command that should act as one. */
export function workerEnv({ data, config, local, secrets, ports, watch }: WorkerEnvOptions): Record<string, string> {
  return {
    TENURE_CONFIG: config,
    TENURE_LOCAL: layoutOf(data).localJson,
    DATABASE_URL: local.ledger,
    TEMPORAL_ADDRESS: local.temporal.address,
    TEMPORAL_NAMESPACE: local.temporal.namespace,
    TENURE_CODEC_KEY: secrets.TENURE_CODEC_KEY,
    TENURE_CODEC_KEY_ID: secrets.TENURE_CODEC_KEY_ID,
    TENURE_METRICS_PORT: String(ports.metrics),
    TENURE_WATCH: watch ? 'running' : 'paused',
    OTDS_URL: local.otds.url,
    OTDS_USER: local.otds.user,
    OTDS_PASSWORD: local.otds.password,
    OTDS_CLIENT_ID: local.otds.clientId,
    OTDS_CLIENT_SECRET: local.otds.clientSecret,
    ICONIK_URL: local.iconik.url,
    ICONIK_APP_ID: local.iconik.appId,
    ICONIK_AUTH_TOKEN: local.iconik.authToken,
  };
}
