/**
 * `node worker.ts [PLAN]`: a worker as `src/workers/main.ts` starts it, with the pause points of the engine open. PLAN is JSON
 * `{"point":"converge.intended","nth":2}`: at the nth time that an attempt comes to that point it prints `{"at":…}` and waits there for a line on
 * standard input (the driver kills it, or freezes it for a while and then says "go"). Prints `{"ready":true}` when it serves. Ends when standard
 * input closes: nobody is there any more to stop it.
 */
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { Client } from '@temporalio/client';
import { createActivities } from '../../src/activities/create.ts';
import { surroundings } from '../../src/config/local.ts';
import { createLogger } from '../../src/log.ts';
import type { Hooks } from '../../src/provisioning/engine.ts';
import { workflowBundle } from '../../src/workers/bundle.ts';
import { connectPatiently, temporalAddress } from '../../src/workers/connect.ts';
import { createWorkers, WORKFLOW_QUEUE } from '../../src/workers/create.ts';
import { dataConverter } from '../../src/workers/dataConverter.ts';
import { installRuntime } from '../../src/workers/runtime.ts';
import { loadSettings } from '../../src/workers/settings.ts';
import { wire } from '../../src/workers/wire.ts';
import { shorten } from './shortened.ts';

type Plan = { point: string; nth: number };

const plan = JSON.parse(process.argv[2] ?? 'null') as Plan | null; // written by the driver
const tell = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

let go = (): void => undefined;
createInterface(process.stdin)
  .on('line', () => go())
  .on('close', () => process.exit(0));

let seen = 0;
const hooks: Hooks = {
  async at(point, where) {
    if (plan?.point !== point || ++seen !== plan.nth) return;
    tell({ at: point, ...where });
    await new Promise<void>((resolve) => (go = resolve));
  },
};

shorten();
const settings = loadSettings(surroundings());
if (settings.env.codec === undefined) throw new Error('TENURE_CODEC_KEY is not set.');
const log = createLogger({ level: settings.env.logLevel, secrets: settings.secrets });
installRuntime(log);
const { connectionOptions, namespace } = temporalAddress(settings.surroundings);
const connection = await connectPatiently(connectionOptions, log);
const wired = await wire(settings, { log, hooks });
const converter = dataConverter(settings.env.codec);
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
  log,
});
tell({ ready: true });
flushCompileCache(); // it would be written at the exit, which a killed process does not reach
await workers.run();
