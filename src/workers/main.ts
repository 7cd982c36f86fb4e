import { setInterval as every } from 'node:timers';
import { parseArgs } from 'node:util';
import { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../activities/create.ts';
import { surroundings } from '../config/local.ts';
import { createLogger } from '../log.ts';
import type { Logger } from '../log.ts';
import { workflowBundle } from './bundle.ts';
import { connectPatiently, temporalAddress } from './connect.ts';
import { createWorkers, WORKFLOW_QUEUE } from './create.ts';
import { dataConverter } from './dataConverter.ts';
import { runMain } from './process.ts';
import { installRuntime } from './runtime.ts';
import { ensureWatchSchedule } from './schedule.ts';
import { searchAttributeProblem } from './searchAttributes.ts';
import { serveUntilSignal } from './serve.ts';
import { loadSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { wire } from './wire.ts';

const HELP = `Usage: node src/workers/main.ts [--queues tenure,otds,…] [--schedule]

Serves Tenure's task queues until SIGTERM: tenure (workflows), otds, iconik, ledger (activities). Default: all of them.
  --queues LIST   only these, separated by commas
  --schedule      also creates or updates the schedule of the directory watch (so does TENURE_WATCH=running or paused)
Settings: config/tenure.yaml (TENURE_CONFIG), DATABASE_URL, TEMPORAL_ADDRESS or TEMPORAL_CONFIG_FILE, TENURE_CODEC_KEY.
`;

type Asked = { queues: string[] | undefined; schedule: boolean };

function asked(): Asked | undefined {
  const { values } = parseArgs({
    options: {
      queues: { type: 'string' },
      schedule: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return undefined;
  const queues = values.queues
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return { queues, schedule: values.schedule };
}

/** Starts, prints one JSON line when it serves, and ends the process with 0 after an orderly stop. */
async function main(): Promise<void> {
  const wanted = asked();
  if (wanted === undefined) return void process.stdout.write(HELP);
  const settings = loadSettings(surroundings());
  const log = createLogger({ level: settings.env.logLevel, secrets: settings.secrets });
  installRuntime(log, settings.env.metricsPort);
  process.exit(await serve(settings, wanted, log));
}

async function serve(settings: Settings, wanted: Asked, log: Logger): Promise<number> {
  const { env, config } = settings;
  if (env.codec === undefined)
    throw new Error(
      'No codec key: set TENURE_CODEC_KEY to 32 bytes in base64 (openssl rand -base64 32), the same for all workers and the codec server.',
    );
  const started = endWhileStarting();
  const { connectionOptions, namespace } = temporalAddress(settings.surroundings);
  const connection = await connectPatiently(connectionOptions, log);
  const lacks = await searchAttributeProblem(connection, namespace);
  if (lacks !== undefined) throw new Error(lacks);
  const wired = await wire(settings, { log, migrate: true });
  const converter = dataConverter(env.codec);
  const client = new Client({ connection, namespace, dataConverter: converter });
  const workers = await createWorkers({
    connection,
    namespace,
    dataConverter: converter,
    bundle: await workflowBundle(),
    activities: createActivities({
      engine: wired.engine,
      client: client.workflow,
      workflowQueue: WORKFLOW_QUEUE,
      messenger: wired.systems.messenger,
    }),
    concurrent: wired.systems.concurrent,
    queues: wanted.queues,
    log,
  });
  if (wanted.schedule || env.watch !== undefined) {
    const done = await ensureWatchSchedule(client, { everyMs: config.watch.everyMs, paused: env.watch === 'paused' });
    log.info({ everyMs: config.watch.everyMs }, `The schedule of the directory watch is ${done}.`);
  }
  every(
    () =>
      void wired.policy
        .refresh()
        .catch((err: unknown) => log.error({ err }, 'The policy could not be looked at again.')),
    config.watch.everyMs,
  ).unref();
  const served = serveUntilSignal({ workers, close: () => closeAll(connection, () => wired.close()), log });
  started();
  process.stdout.write(`${JSON.stringify({ worker: { queues: workers.queues, pid: process.pid } })}\n`);
  return await served;
}

/** While starting, a signal ends the process at once: nothing has begun that could be lost. Call the answer when serving begins. */
function endWhileStarting(): () => void {
  const stop = (): never => process.exit(0);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  return () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, stop);
  };
}

async function closeAll(connection: NativeConnection, close: () => Promise<void>): Promise<void> {
  await close();
  await connection.close();
}

runMain(main);
