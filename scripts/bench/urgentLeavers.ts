/** How long an urgent leaver's access stays open, beside a workflow that does nothing. */
import { parseArgs } from 'node:util';
import type { Bench, Say } from './bench.ts';
import { ALL_TARGETS, FIVE_PREFIX, openSite, type Site } from './five/site.ts';
import { STAND_INS } from './five/standIns.ts';
import { closedLoop, median, percentile } from './loop.ts';
import { f, goal } from './report.ts';
import type { Servers } from './servers.ts';

const GOALS = { p50: 1_000, p99: 5_000 };

type Plan = { leavers: number; concurrency: number; wireMs: number };

function planOf(args: readonly string[]): Plan {
  const options = {
    leavers: { type: 'string', default: '100' },
    concurrency: { type: 'string', default: '2' },
    wire: { type: 'string', default: '20' },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const plan = {
    leavers: Number(values.leavers),
    concurrency: Number(values.concurrency),
    wireMs: Number(values.wire),
  };
  if (!(plan.leavers >= 1 && plan.leavers <= 300)) throw new Error('--leavers takes a number from 1 to 300.');
  if (!(plan.concurrency >= 1 && plan.concurrency <= 20)) throw new Error('--concurrency takes a number from 1 to 20.');
  if (!(plan.wireMs >= 0 && plan.wireMs <= 1_000)) throw new Error('--wire takes milliseconds from 0 to 1000.');
  return plan;
}

/** Milliseconds since the start, by what was reached. */
type Left = { who: string; begun: number; disabledMs: number };

async function measure(servers: Servers, plan: Plan, say: Say): Promise<string[]> {
  const { leavers, concurrency, wireMs } = plan;
  say('starting the systems');
  const site = await openSite(servers, Math.ceil(leavers * 1.6) + 120, say);
  try {
    say(`${leavers} people join`);
    const people: string[] = [];
    await closedLoop(4, leavers, 10 * 60_000, async () => people.push(await join(site)));
    say(`from now on every answer comes ${wireMs} ms late`);
    await delayAll(site, wireMs);
    const { control } = site.world.standIns;
    const before = await Promise.all(STAND_INS.map((name) => requests(control, name)));
    say('they leave');
    const left: Left[] = [];
    const noop: number[] = [];
    await closedLoop(concurrency, people.length, 10 * 60_000, async () => {
      noop.push(await echo(site));
      const who = people.shift();
      if (who !== undefined) left.push(await leave(site, who));
    });
    const after = await Promise.all(STAND_INS.map((name) => requests(control, name)));
    const each = STAND_INS.map((name, at) => `${name} ${f(((after[at] ?? 0) - (before[at] ?? 0)) / left.length)}`);
    return [
      ...linesOf(left, noop, plan),
      `  requests per leaver until stripped: ${each.join(', ')}`,
      ...steps(site, left),
    ];
  } finally {
    await site.close();
  }
}

async function join(site: Site): Promise<string> {
  const { stage } = site;
  const who = await site.newcomer();
  await stage.done(await stage.start({ type: 'onboarding', prefix: FIVE_PREFIX, who, timeout: '120 seconds' }));
  return who;
}

/** One after the other with the leavers: both meet the same machine. */
async function echo({ noop }: Site): Promise<number> {
  const { who, begun } = await noop.once();
  return (noop.lastProof(who) ?? Number.NaN) - begun;
}

async function leave(site: Site, who: string): Promise<Left> {
  const input = { by: 'grace.lee@staff', reason: 'benchmark', urgent: true };
  const start = { type: 'offboarding', prefix: FIVE_PREFIX, who, input, priority: 1, timeout: '600 seconds' } as const;
  const { begun } = await site.stage.start(start);
  const disabled = await site.proved(who, ALL_TARGETS, begun);
  await site.proved(who, ALL_TARGETS, begun, 2);
  return { who, begun, disabledMs: disabled - begun };
}

async function delayAll({ world: { standIns, partners } }: Site, ms: number): Promise<void> {
  partners.proxy.delayMs = ms;
  for (const name of STAND_INS)
    if (ms > 0) await standIns.control(name, 'POST', '/faults', { fault: { kind: 'delay', ms } });
}

async function requests(
  control: Site['world']['standIns']['control'],
  name: (typeof STAND_INS)[number],
): Promise<number> {
  const { entries } = await control(name, 'GET', '/ledger?since=0&limit=1000000');
  return Array.isArray(entries) ? entries.length : 0;
}

function linesOf(left: readonly Left[], noop: readonly number[], { concurrency, wireMs }: Plan): string[] {
  const sorted = left.map(({ disabledMs }) => disabledMs).sort((a, b) => a - b);
  const idle = [...noop].sort((a, b) => a - b);
  const [p50, p99] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
  return [
    `urgent leavers: ${left.length}, ${concurrency} at a time, ${wireMs} ms on every answer; from the start of the workflow to the last disable read back`,
    `  p50 ${f(p50, 0)} ms (${goal(`goal ≤ ${GOALS.p50} ms`, p50 <= GOALS.p50)}), p99 ${f(p99, 0)} ms (${goal(`goal ≤ ${GOALS.p99} ms`, p99 <= GOALS.p99)}), fastest ${f(sorted[0] ?? 0, 0)} ms, slowest ${f(sorted.at(-1) ?? 0, 0)} ms`,
    `  no-op workflow in between, start to last echo: p50 ${f(percentile(idle, 0.5), 0)} ms, p99 ${f(percentile(idle, 0.99), 0)} ms; ours ÷ no-op at p50 ${f(p50 / percentile(idle, 0.5), 1)}`,
  ];
}

/** Where the time goes: medians of the moments of each step. */
function steps(site: Site, left: readonly Left[]): string[] {
  const moment = (target: string | undefined, point: string, nth = 0): number =>
    median(
      left.flatMap(({ who, begun }) => {
        const found = site.steps(who, begun).filter((step) => step.point === point && step.target === target);
        const at = found[nth]?.at;
        return at === undefined ? [] : [at - begun];
      }),
    );
  return [
    '  medians since the start, ms:',
    `    directory read ${f(moment(undefined, 'resolve.read'), 0)}, read again after the departure was recorded ${f(moment(undefined, 'resolve.read', 1), 0)}`,
    ...ALL_TARGETS.map((target) => {
      const [leased, read, intended, applied, proof, proved] = [
        moment(target, 'converge.leased'),
        moment(target, 'converge.read'),
        moment(target, 'converge.intended'),
        moment(target, 'converge.applied'),
        moment(target, 'converge.proof'),
        moment(target, 'converge.proved'),
      ];
      const done = [leased, read, intended, applied, proof, proved].map((at) => f(at, 0));
      return `    ${target}: leased ${done[0]}, read ${done[1]}, intended ${done[2]}, disabled ${done[3]}, read back ${done[4]}, written down ${done[5]}`;
    }),
  ];
}

export const urgentLeavers: Bench = {
  what: '100 urgent leavers on all five systems with 20 ms of wire time: from the start of the workflow to the last disable read back, beside a no-op workflow in the same run',
  takes: 'about 4 minutes',
  options: {
    '--leavers N': 'default 100',
    '--concurrency N': 'leavers at a time, each until stripped; default 2',
    '--wire MS': 'by which every answer of every system is late, default 20',
  },
  prepare(args) {
    const plan = planOf(args);
    return (servers, say) => measure(servers, plan, say);
  },
};
