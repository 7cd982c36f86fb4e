/** One line per figure: what it is, what it should be, whether it is. */
import { cpus, loadavg } from 'node:os';
import type { Cpu } from './cpu.ts';
import type { Floor } from './engine.ts';
import type { Alone, Shape } from './shape.ts';
import type { Weight } from './weigh.ts';

export type Results = {
  shapes: readonly Shape[];
  ours: Weight;
  noop: Weight;
  alone: Alone;
  floors: readonly Floor[];
};

/** Issue "the core on OTDS and iconik", What must hold, 10. */
const GOALS = { ratio: 0.7, events: 60, statements: 30 };

export const goal = (name: string, reached: boolean): string => `${name}: ${reached ? 'reached' : 'NOT reached'}`;
export const f = (value: number, digits = 1): string => value.toFixed(digits);

/** Plain lines, a title before each group. */
export function lines(r: Results): string[] {
  return [
    'shape: onboarding (1 + 5 parallel + 1 activities) against a no-op of the same activities, workflows per second',
    ...r.shapes.flatMap(shapeLines),
    `  all: ratio ${f(overall(r), 2)}, the worst concurrency (${goal(`goal ≥ ${GOALS.ratio}`, overall(r) >= GOALS.ratio)})`,
    '',
    'one joiner (ours | no-op)',
    `  events ${r.ours.events} | ${r.noop.events} (${goal(`goal ≤ ${GOALS.events}`, r.ours.events <= GOALS.events)})`,
    `  workflow tasks ${r.ours.workflowTasks} | ${r.noop.workflowTasks}`,
    `  state transitions ${r.ours.transitions} | ${r.noop.transitions}`,
    `  ledger statements ${r.ours.statements} | ${r.noop.statements} (${goal(`goal ≤ ${GOALS.statements}`, r.ours.statements <= GOALS.statements)})`,
    `  payload bytes, encrypted ${r.ours.payloadBytes} | ${r.noop.payloadBytes}; whole history ${r.ours.historyBytes} | ${r.noop.historyBytes}`,
    '',
    'one at a time, milliseconds (ours | no-op)',
    `  start to last proof, p50 ${f(r.alone.ours.proof50, 0)} | ${f(r.alone.noop.proof50, 0)}, p95 ${f(r.alone.ours.proof95, 0)} | ${f(r.alone.noop.proof95, 0)}`,
    `  start to result, p50 ${f(r.alone.ours.end50, 0)} | ${f(r.alone.noop.end50, 0)}`,
    '',
    'engine without Temporal: resolve + 5 converges',
    ...r.floors.map(
      (x) =>
        `  concurrency ${x.concurrency}: ${f(x.joinersPerSecond, 0)} joiners/s, ${f(x.statementsPerSecond, 0)} ledger statements/s`,
    ),
  ];
}

/** No single lucky concurrency: the worst counts. */
const overall = (r: Results): number => Math.min(...r.shapes.map((s) => s.ratio));

const total = (cpu: Cpu): number => cpu.here + cpu.temporal + cpu.ledger;

function shapeLines(s: Shape): string[] {
  const each = s.ratios.map((ratio) => f(ratio, 2)).join(' ');
  const head = `  concurrency ${s.concurrency}: ours ${f(s.ours)}, no-op ${f(s.noop)}, ratio ${f(s.ratio, 2)} of rounds ${each} (${goal(`goal ≥ ${GOALS.ratio}`, s.ratio >= GOALS.ratio)})`;
  if (!s.cpu) return [head];
  const { ours, noop } = s.cpu;
  const pair = (key: keyof typeof ours): string => `${f(ours[key], 0)} | ${f(noop[key], 0)}`;
  return [
    head,
    `    by CPU time, which other programs disturb less: ratio ${f(total(noop) / total(ours), 2)}; ms per workflow (ours | no-op): worker and client ${pair('here')}, Temporal ${pair('temporal')}, PostgreSQL ${pair('ledger')}`,
  ];
}

/** The machine and how busy it is just now (load averages of 1, 5 and 15 minutes). */
export function machine(versions: string): string {
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  return `${cpus().length} cores, load ${load}, Node ${process.versions.node}, ${versions}; all on one machine, payload codec on`;
}
