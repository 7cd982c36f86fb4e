import { spawnSync } from 'node:child_process';
import { Connection } from '@temporalio/client';
import { startChild, whenReady, type Child } from './child.ts';
import { inherited } from '../config/inherited.ts';

/** Search attributes of DESIGN 6, with their types. Compose and the production guide create the same ones. */
export const SEARCH_ATTRIBUTES = {
  Person: 'Keyword',
  Target: 'Keyword',
  Stage: 'Keyword',
  Campaign: 'Keyword',
  NeedsAttention: 'Bool',
  DueAt: 'Datetime',
} as const;

export const NAMESPACE = 'default';

/** Settings of the server that differ from its defaults, as JSON. */
const DYNAMIC_CONFIG: Readonly<Record<string, string>> = {
  // One partition: fewer empty polls, and priorities are strict.
  'matching.numTaskqueueReadPartitions': '1',
  'matching.numTaskqueueWritePartitions': '1',
  'matching.enableFairness': 'true',
  // Moving the clock of one run ahead, and quickly (TEMPORAL-MEASURED section 2).
  'frontend.WorkflowTimeSkippingEnabled': 'true',
  'history.timerProcessorMaxTimeShift': '"1ms"',
  // A local system is one caller: limits meant for many only slow it.
  'matching.rps': '20000',
  'history.rps': '20000',
  'frontend.rps': '20000',
  'frontend.namespaceRPS': '20000',
  'frontend.namespaceCount': '10000',
  'frontend.namespaceRPS.visibility': '500',
};

export type TemporalServerOptions = {
  /** The CLI, as `findTemporalCli` gives it. */
  cli: string;
  port: number;
  /** Without: no UI. */
  uiPort?: number;
  /** Else random ones, outside the caller's range. */
  metricsPort?: number;
  httpPort?: number;
  /** SQLite file. Without: all in memory, lost at the end. */
  dbFile?: string;
  /** What the UI asks, from the browser, to read payloads. */
  codecEndpoint?: string;
  logFile: string;
  /** False: it goes on when this process ends. Default true. */
  bound?: boolean;
  /** Told as soon as it runs, before it is ready. */
  spawned?: (child: Child) => void;
};

export type TemporalServer = { address: string; namespace: string; child: Child; stop: () => Promise<void> };

function flags(options: TemporalServerOptions): string[] {
  // Older CLIs refuse flags that they do not know.
  const help = spawnSync(options.cli, ['server', 'start-dev', '--help'], { encoding: 'utf8', timeout: 15_000 }).stdout;
  const optional = (flag: string, ...value: string[]): string[] => (help.includes(flag) ? [flag, ...value] : []);
  return [
    ...['--ip', '127.0.0.1', '--port', String(options.port), '--log-level', 'error'],
    ...(options.uiPort === undefined
      ? ['--headless']
      : ['--ui-port', String(options.uiPort), ...optional('--ui-disable-news-fetch')]),
    ...(options.metricsPort === undefined ? [] : optional('--metrics-port', String(options.metricsPort))),
    ...(options.httpPort === undefined ? [] : optional('--http-port', String(options.httpPort))),
    ...(options.codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', options.codecEndpoint]),
    ...(options.dbFile === undefined
      ? []
      : [
          '--db-filename',
          options.dbFile,
          '--sqlite-pragma',
          'journal_mode=WAL',
          '--sqlite-pragma',
          'synchronous=NORMAL',
        ]),
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ...Object.entries(DYNAMIC_CONFIG).flatMap(([key, json]) => ['--dynamic-config-value', `${key}=${json}`]),
  ];
}

/** Whether the server answers for its namespace. Limits: 1 s to connect, 1 s to answer. */
export async function serves(address: string, namespace = NAMESPACE): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: '1s' });
    try {
      await connection.withDeadline(Date.now() + 1_000, () =>
        connection.workflowService.describeNamespace({ namespace }),
      );
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}

/**
 * Starts the development server on 127.0.0.1 and waits until its namespace answers (limit 60 s: an old database file is read first).
 * `stop` always ends: SIGTERM, then SIGKILL after 5 s.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const child = await startChild({
    name: 'Temporal server',
    command: options.cli,
    args: ['server', 'start-dev', ...flags(options)],
    logFile: options.logFile,
    bound: options.bound ?? true,
    // The plain environment, so that a profile of the caller's cannot move it elsewhere.
    env: { PATH: inherited['PATH'], HOME: inherited['HOME'], TZ: 'UTC' },
  });
  options.spawned?.(child);
  const address = `127.0.0.1:${options.port}`;
  try {
    await whenReady(child, async () => ((await serves(address)) ? true : undefined), 60_000);
  } catch (error) {
    await child.stop(2_000);
    throw error;
  }
  return { address, namespace: NAMESPACE, child, stop: () => child.stop(5_000) };
}
