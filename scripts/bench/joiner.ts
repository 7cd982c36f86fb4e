/** What the core costs beside a workflow that does nothing, as ratios within one run. */
import { parseArgs } from 'node:util';
import type { Bench, Say } from './bench.ts';
import { engineFloor, openEngine } from './engine.ts';
import { lines, type Results } from './report.ts';
import type { Servers } from './servers.ts';
import { alone, shape, type ShapePlan } from './shape.ts';
import { openSides, type Sides } from './sides.ts';
import { weigh } from './weigh.ts';

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

const OPTIONS = { quick: { type: 'boolean', default: false }, only: { type: 'string' } } as const;

function planOf(args: readonly string[]): Plan {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const plan = values.quick ? QUICK : WHOLE;
  const only = values.only?.split(',').map(Number);
  const shapes = plan.shapes.filter((s) => !only || only.includes(s.concurrency));
  if (shapes.length === 0) {
    const known = plan.shapes.map((s) => s.concurrency).join(', ');
    throw new Error(`--only ${values.only}: the concurrencies are ${known}.`);
  }
  return { ...plan, shapes };
}

async function measure(
  servers: Servers,
  sides: Sides,
  engine: ReturnType<typeof openEngine>,
  plan: Plan,
  say: Say,
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
  return { shapes, ...weights, alone: times, floors };
}

export const joiner: Bench = {
  what: 'our onboarding, with five targets in memory that answer at once, against a no-op workflow of the same activities: rates, events, state transitions, ledger statements, payload bytes, time to the last proof, and the engine without Temporal',
  takes: 'up to 3 minutes; --quick under 40 s',
  options: {
    '--quick': 'fewer and shorter rounds',
    '--only C': 'the shape at these concurrencies only, for example --only 20 or --only 1,40',
  },
  prepare(args) {
    const plan = planOf(args);
    return async (servers, say) => {
      const engine = openEngine(servers.ledger.client);
      const sides = await openSides(servers, engine);
      try {
        return lines(await measure(servers, sides, engine, plan, say));
      } finally {
        await sides.close();
      }
    };
  },
};
