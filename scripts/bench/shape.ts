/** Ours ÷ the no-op: pairs of rounds that alternate, so that what disturbs the machine falls on both. */
import { cpuNow, spent, type Cpu } from './cpu.ts';
import { closedLoop, median, percentile } from './loop.ts';
import type { Servers } from './servers.ts';
import type { Side } from './noop.ts';
import type { Sides } from './sides.ts';

/** Stops a round's new workflows after this; a busy machine makes rounds smaller, not longer. Milliseconds. */
const ROUND_MS = 4_000;

export type ShapePlan = { concurrency: number; workflows: number; rounds: number };

export type Shape = {
  concurrency: number;
  /** Workflows per second, median over the rounds. */
  ours: number;
  noop: number;
  /** Ours ÷ no-op of each pair of rounds. */
  ratios: readonly number[];
  ratio: number;
  /** CPU milliseconds per workflow, median over the rounds; undefined where the platform does not tell. */
  cpu?: { ours: Cpu; noop: Cpu };
};

type Round = { rate: number; cpu: Cpu | undefined };

/** Stops between two pairs when `deadline` (performance.now()) has passed; at least one pair. */
export async function shape(
  servers: Servers,
  sides: Sides,
  plan: ShapePlan,
  deadline: number,
  tidy: () => void,
): Promise<Shape> {
  const pairs: { ours: Round; noop: Round }[] = [];
  for (let n = 0; n < plan.rounds && (n === 0 || performance.now() < deadline); n++) {
    const first = n % 2 === 0 ? sides.noop : sides.ours;
    const second = n % 2 === 0 ? sides.ours : sides.noop;
    const a = await round(servers, first, plan, tidy);
    const b = await round(servers, second, plan, tidy);
    pairs.push(n % 2 === 0 ? { noop: a, ours: b } : { ours: a, noop: b });
  }
  const ratios = pairs.map((p) => p.ours.rate / p.noop.rate);
  const cpu = cpuOf(pairs);
  return {
    concurrency: plan.concurrency,
    ours: median(pairs.map((p) => p.ours.rate)),
    noop: median(pairs.map((p) => p.noop.rate)),
    ratios,
    ratio: median(ratios),
    ...(cpu && { cpu }),
  };
}

async function round(servers: Servers, side: Side, plan: ShapePlan, tidy: () => void): Promise<Round> {
  const pids = { temporal: servers.temporal.pid, ledger: servers.ledger.pid };
  const before = cpuNow(pids);
  const { calls, seconds } = await closedLoop(plan.concurrency, plan.workflows, ROUND_MS, () => side.once());
  const after = cpuNow(pids);
  tidy();
  return { rate: calls / seconds, cpu: before && after && spent(before, after, calls) };
}

function cpuOf(pairs: readonly { ours: Round; noop: Round }[]): Shape['cpu'] {
  const middle = (side: 'ours' | 'noop'): Cpu | undefined => {
    const all = pairs.map((p) => p[side].cpu).filter((c) => c !== undefined);
    if (all.length === 0) return undefined;
    const of = (key: keyof Cpu): number => median(all.map((c) => c[key]));
    return { here: of('here'), temporal: of('temporal'), ledger: of('ledger') };
  };
  const [ours, noop] = [middle('ours'), middle('noop')];
  return ours && noop && { ours, noop };
}

/** Milliseconds at concurrency 1, sorted percentiles. */
export type Alone = Record<'ours' | 'noop', { proof50: number; proof95: number; end50: number }>;

/** From `start` to the last proof (of the no-op: to its last echo), one workflow at a time, in turns. */
export async function alone(sides: Sides, workflows: number, tidy: () => void): Promise<Alone> {
  const proof = { ours: [] as number[], noop: [] as number[] };
  const end = { ours: [] as number[], noop: [] as number[] };
  for (let n = 0; n < workflows; n++) {
    for (const side of [sides.noop, sides.ours]) {
      const { who, begun } = await side.once();
      end[side.name].push(performance.now() - begun);
      const proved = side.lastProof(who);
      if (proved === undefined) throw new Error(`${who} was not proved on every target.`);
      proof[side.name].push(proved - begun);
    }
  }
  tidy();
  const of = (side: 'ours' | 'noop') => {
    const [proofs, ends] = [proof[side], end[side]].map((times) => times.sort((a, b) => a - b));
    return {
      proof50: percentile(proofs ?? [], 0.5),
      proof95: percentile(proofs ?? [], 0.95),
      end50: percentile(ends ?? [], 0.5),
    };
  };
  return { ours: of('ours'), noop: of('noop') };
}
