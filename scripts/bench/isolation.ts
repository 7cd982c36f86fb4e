/** What one system that is down, slow or answers nonsense costs the others. */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Bench, Say } from './bench.ts';
import { ALL_TARGETS, FIVE, FIVE_PREFIX, openSite, type Site, type TargetName } from './five/site.ts';
import type { StandInName } from './five/standIns.ts';
import { closedLoop, median } from './loop.ts';
import { f } from './report.ts';
import type { Servers } from './servers.ts';
import type { Begun } from './stage.ts';

const FAULTS = ['down', 'slow', 'nonsense'] as const;
type FaultName = (typeof FAULTS)[number];

const SLOW_MS = 2_000;
/** A handful of quick tries comes before a system counts as late: about 25 s. */
const NAMED_WITHIN_MS = 60_000;

const HTTP = {
  down: { kind: 'reset' },
  slow: { kind: 'delay', ms: SLOW_MS },
  nonsense: { kind: 'html', status: 200 },
} as const;

type Plan = { joiners: number; concurrency: number; targets: readonly TargetName[]; faults: readonly FaultName[] };

function planOf(args: readonly string[]): Plan {
  const options = {
    joiners: { type: 'string', default: '8' },
    concurrency: { type: 'string', default: '2' },
    only: { type: 'string' },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const [joiners, concurrency] = [Number(values.joiners), Number(values.concurrency)];
  if (!(joiners >= 1 && joiners <= 20)) throw new Error('--joiners takes a number from 1 to 20.');
  if (!(concurrency >= 1 && concurrency <= 8)) throw new Error('--concurrency takes a number from 1 to 8.');
  const only = values.only?.split(',') ?? [];
  const known: readonly string[] = [...FIVE, ...FAULTS];
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`--only ${unknown.join(', ')}: it may name ${known.join(', ')}.`);
  const chosen = <T extends string>(all: readonly T[]): readonly T[] => {
    const some = all.filter((name) => only.includes(name));
    return some.length > 0 ? some : all;
  };
  return { joiners, concurrency, targets: chosen(FIVE), faults: chosen(FAULTS) };
}

async function measure(servers: Servers, plan: Plan, say: Say): Promise<string[]> {
  const { targets, faults, joiners, concurrency } = plan;
  say('starting the systems');
  const all = (targets.length * faults.length * 2 + 1) * joiners;
  const site = await openSite(servers, Math.ceil(all * 1.6) + 120, say);
  try {
    say('warming up');
    await round(site, plan, ALL_TARGETS);
    const lines = [
      `start of the onboarding to the last proof on all targets but the one named, p50 of ${joiners} joiners, ${concurrency} at a time; each pair of rounds one after the other`,
    ];
    const ratios: number[] = [];
    for (const target of targets) {
      for (const fault of faults) {
        say(`${target} ${fault}`);
        const { line, ratio } = await pair(site, plan, target, fault);
        say(line);
        lines.push(line);
        ratios.push(ratio);
      }
    }
    return [...lines, `  all: faulted ÷ healthy, median ${f(median(ratios), 2)}, worst ${f(Math.max(...ratios), 2)}`];
  } finally {
    await site.close();
  }
}

async function pair(
  site: Site,
  plan: Plan,
  target: TargetName,
  fault: FaultName,
): Promise<{ line: string; ratio: number }> {
  const others = ALL_TARGETS.filter((name) => name !== target);
  const healthy = await round(site, plan, others);
  await Promise.all(healthy.map(({ run }) => site.stage.done(run)));
  await breakIt(site, target, fault);
  const broken = await round(site, plan, others);
  const named = await namedBy(site, broken, target, fault);
  await mend(site, target);
  await Promise.all(broken.map(({ run }) => end(site, run)));
  // What is still on its way at a slow system.
  await pause(SLOW_MS + 500);
  const [before, after] = [median(healthy.map(({ ms }) => ms)), median(broken.map(({ ms }) => ms))];
  const ratio = after / before;
  return {
    ratio,
    line: `  ${target} ${fault}: ${f(after, 0)} ms, healthy ${f(before, 0)} ms, ratio ${f(ratio, 2)}; status: ${named}`,
  };
}

type Joined = { run: Begun; ms: number };

async function round(site: Site, { joiners, concurrency }: Plan, targets: readonly string[]): Promise<Joined[]> {
  const joined: Joined[] = [];
  await closedLoop(concurrency, joiners, 5 * 60_000, async () => {
    const who = await site.newcomer();
    const run = await site.stage.start({ type: 'onboarding', prefix: FIVE_PREFIX, who, timeout: '600 seconds' });
    joined.push({ run, ms: (await site.proved(who, targets, run.begun)) - run.begun });
  });
  return joined;
}

const STAND_IN: Readonly<Record<Exclude<TargetName, 'ftp'>, StandInName>> = {
  iconik: 'iconik',
  cloudinary: 'cloudinary',
  exstream: 'exstream',
  push: 'notifications',
};

async function breakIt({ world: { standIns, partners } }: Site, target: TargetName, fault: FaultName): Promise<void> {
  if (target !== 'ftp') {
    await standIns.control(STAND_IN[target], 'POST', '/faults', { fault: HTTP[fault] });
    return;
  }
  const { proxy } = partners;
  if (fault === 'slow') proxy.delayMs = SLOW_MS;
  else proxy.fault = { at: /^/, how: fault === 'down' ? 'reset' : { answer: '<html><body>Welcome</body></html>' } };
}

async function mend({ world: { standIns, partners } }: Site, target: TargetName): Promise<void> {
  partners.proxy.delayMs = 0;
  partners.proxy.fault = undefined;
  if (target !== 'ftp') await standIns.control(STAND_IN[target], 'DELETE', '/faults');
}

type Row = { step: string; about: string; state: string; since: string };

/** Asks the run's own status until a row names the system that is not done, and since when. @throws where none does. */
async function namedBy(site: Site, joined: readonly Joined[], target: TargetName, fault: FaultName): Promise<string> {
  const last = joined.at(-1);
  if (!last) throw new Error('Nobody joined.');
  const handle = site.stage.client.workflow.getHandle(last.run.workflowId);
  const until = performance.now() + NAMED_WITHIN_MS;
  for (;;) {
    const { rows } = await handle.query<{ rows: Row[] }>('status');
    const row = rows.find(({ step, about }) =>
      target === 'push' ? step === 'notice' : step === 'converge' && about === target,
    );
    // A slow system is not late: it works; one that fails is called late after its quick tries.
    const told = row && (fault === 'slow' || target === 'push' || row.state.startsWith('late'));
    if (told && !Number.isNaN(Date.parse(row.since)))
      return `"${row.step} ${row.about}: ${row.state}" since ${row.since}`;
    const late = performance.now() > until;
    // Tries against a server that never says a whole answer end only with its stall limit: still under way, and it says since when.
    if (late && row) return `"${row.step} ${row.about}: ${row.state}" since ${row.since}`;
    if (late)
      throw new Error(
        `The status of ${last.run.workflowId} does not name ${target} (${fault}): ${JSON.stringify(rows)}`,
      );
    await pause(500);
  }
}

async function end({ stage }: Site, { workflowId }: Begun): Promise<void> {
  // Some have ended well meanwhile.
  await stage.client.workflow
    .getHandle(workflowId)
    .terminate('benchmark')
    .catch(() => undefined);
}

export const isolation: Bench = {
  what: 'joiners on all five systems while one is down, slow (2 s an answer) or answers HTML: how much later the others are proved, and whether status names the one that is late; fails where it does not',
  takes: 'about 8 minutes',
  options: {
    '--joiners N': 'in each round, default 8',
    '--concurrency N': 'joiners at a time, default 2',
    '--only NAMES': 'these systems or faults only, for example --only iconik,ftp or --only slow',
  },
  prepare(args) {
    const plan = planOf(args);
    return (servers, say) => measure(servers, plan, say);
  },
};
