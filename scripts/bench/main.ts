/** `npm run bench`: what the core costs beside a workflow that does nothing, as ratios within one run. */
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { until } from '../until.ts';
import { engineFloor, openEngine } from './engine.ts';
import { lines, machine, write, type Results } from './report.ts';
import { startServers, type Servers } from './servers.ts';
import { alone, shape, type ShapePlan } from './shape.ts';
import { openSides, type Sides } from './sides.ts';
import { weigh } from './weigh.ts';

const HELP = `npm run bench -- [options]

Starts a Temporal server and the ledger's PostgreSQL (both on disk, fsync on) and compares our onboarding, with five targets in memory that answer
at once, with a no-op workflow of the same activities on the same server: rates, events, state transitions, ledger statements, payload bytes, time
to the last proof, and the engine without Temporal. It is a benchmark, not a test: exit code 0 whatever the figures, 1 when something is broken.

  --quick    fewer and shorter rounds (under 40 s; the whole takes up to 3 minutes)
  --only C   the shape at these concurrencies only, for example --only 20 or --only 1,40
  --write    puts the figures into docs/benchmarks.md
  --help     this text
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

type Plan = { shapes: readonly ShapePlan[]; weighed: number; alone: number; floor: number; shapesMs: number };

const WHOLE: Plan = {
  shapes: [
    { concurrency: 1, workflows: 10, rounds: 5 },
    { concurrency: 10, workflows: 40, rounds: 5 },
    { concurrency: 20, workflows: 60, rounds: 5 },
    { concurrency: 40, workflows: 100, rounds: 5 },
  ],
  weighed: 5,
  alone: 20,
  floor: 200,
  shapesMs: 100_000,
};

const QUICK: Plan = {
  shapes: [
    { concurrency: 1, workflows: 5, rounds: 1 },
    { concurrency: 10, workflows: 20, rounds: 1 },
    { concurrency: 20, workflows: 40, rounds: 1 },
    { concurrency: 40, workflows: 60, rounds: 1 },
  ],
  weighed: 2,
  alone: 5,
  floor: 50,
  shapesMs: 20_000,
};

function readArguments(): { plan: Plan; write: boolean; command: string } {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const plan = values.quick ? QUICK : WHOLE;
  const only = values.only?.split(',').map(Number);
  const shapes = plan.shapes.filter((s) => !only || only.includes(s.concurrency));
  if (shapes.length === 0) {
    const known = plan.shapes.map((s) => s.concurrency).join(', ');
    throw new Error(`--only ${values.only}: the concurrencies are ${known}.`);
  }
  return {
    plan: { ...plan, shapes },
    write: values.write,
    command: `npm run bench${values.quick ? ' -- --quick' : ''}`,
  };
}

async function measure(
  servers: Servers,
  sides: Sides,
  engine: ReturnType<typeof openEngine>,
  plan: Plan,
): Promise<Results> {
  const tidy = engine.forget;
  say('warming up');
  for (const side of [sides.noop, sides.ours]) await Promise.all(Array.from({ length: 10 }, () => side.once()));
  const weights = {
    ours: await weigh(sides.client, engine.ledger, sides.ours, plan.weighed),
    noop: await weigh(sides.client, engine.ledger, sides.noop, plan.weighed),
  };
  say('one at a time');
  const times = await alone(sides, plan.alone, tidy);
  const shapes = [];
  const began = performance.now();
  for (const [n, each] of plan.shapes.entries()) {
    say(`shape at concurrency ${each.concurrency}`);
    const deadline = began + (plan.shapesMs * (n + 1)) / plan.shapes.length;
    shapes.push(await shape(servers, sides, each, deadline, tidy));
  }
  say('engine alone');
  const floors = [await engineFloor(engine, 1, plan.floor), await engineFloor(engine, 8, plan.floor)];
  return { shapes, ...weights, alone: times, floors, versions: servers.versions };
}

async function main(): Promise<void> {
  const args = readArguments();
  const ending = until();
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const servers = await startServers(say);
  let sides: Sides | undefined;
  try {
    say(machine(servers.versions));
    const engine = openEngine(servers.ledger.client);
    sides = await openSides(servers, engine);
    const broken = ending.ended.then(() => Promise.reject(new Error('The benchmark was broken off.')));
    const results = await Promise.race([measure(servers, sides, engine, args.plan), broken]);
    say(`\n${lines(results).join('\n')}`);
    if (args.write) say(`\nWritten to ${write(results, args.command)}.`);
  } finally {
    await sides?.close();
    await servers.close();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
