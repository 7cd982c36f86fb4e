/** A pass of `drift` over everybody where nothing differs: calls beside the least that will do, people per minute beside the raw pages, memory. */
import { parseArgs } from 'node:util';
import type { Person } from '../../src/domain/person.ts';
import { drift, type Finding } from '../../src/provisioning/drift.ts';
import type { Attempt } from '../../src/provisioning/engine.ts';
import type { Listed } from '../../src/systems/port.ts';
import type { Bench, Say } from './bench.ts';
import { desireWhatIs, equip, everybody } from './five/company.ts';
import { leastOf, type Least } from './five/least.ts';
import { rawDevices, rawLists } from './five/raw.ts';
import { again, tap, type Sent } from './five/tap.ts';
import { openWorld, type World } from './five/world.ts';
import { median } from './loop.ts';
import { f, goal } from './report.ts';
import type { Servers } from './servers.ts';

const GOALS = { calls: 1.05, rate: 0.5 };

const TARGETS = ['otds', 'iconik', 'cloudinary', 'exstream', 'ftp', 'push'] as const;
type TargetName = (typeof TARGETS)[number];

type Passed = {
  accounts: number;
  ms: number;
  cpuMs: number;
  /** MB at the start, in the middle and at the end. */
  rss: readonly [number, number, number];
  sent: readonly Sent[];
};

type Figure = { target: TargetName; passed: readonly Passed[]; raw: readonly number[]; calls: number; least: Least };

type Plan = { people: number; rounds: number; only: readonly string[] };

function planOf(args: readonly string[]): Plan {
  const options = {
    people: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const [people, rounds] = [Number(values.people), Number(values.rounds)];
  if (!(people >= 100 && people <= 20_000)) throw new Error('--people takes a number from 100 to 20000.');
  if (!(rounds >= 1 && rounds <= 10)) throw new Error('--rounds takes a number from 1 to 10.');
  const only = values.only?.split(',') ?? TARGETS;
  const unknown = only.filter((name) => !TARGETS.some((target) => target === name));
  if (unknown.length > 0) throw new Error(`--only ${unknown.join(', ')}: the targets are ${TARGETS.join(', ')}.`);
  return { people, rounds, only };
}

const attempt = (): Attempt => ({
  holder: 'bench',
  now: new Date().toISOString(),
  signal: new AbortController().signal,
  heartbeat: () => undefined,
});

async function measure(servers: Servers, plan: Plan, say: Say): Promise<string[]> {
  say(`starting the systems with ${plan.people} people`);
  const { ledger, folder } = servers;
  const world = await openWorld({ ledger: ledger.url, folder, people: plan.people, say });
  try {
    const people = await prepare(world, ledger.url, say);
    const lines: string[] = [];
    for (const target of TARGETS.filter((name) => plan.only.includes(name))) {
      say(`pass over ${target}`);
      lines.push(...linesOf(await pass(world, target, people, plan.rounds)));
    }
    return lines;
  } finally {
    await world.close();
  }
}

/** Answers everybody. */
async function prepare(world: World, url: string, say: Say): Promise<Person[]> {
  const people = await everybody(world);
  await equip(world, people);
  say('writing down that all is as it should be');
  const listed = new Map<string, Listed[]>();
  for (const target of TARGETS) listed.set(target, await listAll(world, target));
  const nobodys = await desireWhatIs(world, url, people, listed);
  say(`${people.length} people, ${[...listed.values()].flat().length} accounts, of which ${nobodys} are nobody's`);
  return people;
}

async function listAll({ wired }: World, name: TargetName): Promise<Listed[]> {
  const managed = wired.engine.targets[name];
  if (!managed) throw new Error(`There is no target ${name}.`);
  const interest = wired.engine.policy().managed.managed.filter((pattern) => pattern.startsWith(`${name}:`));
  const rows: Listed[] = [];
  let page: string | undefined;
  do {
    const { items, next } = await managed.target.list(page, interest, { signal: attempt().signal });
    rows.push(...items);
    page = next;
  } while (page !== undefined);
  return rows;
}

/** The first pass warms up and is counted, not timed. */
async function pass(world: World, target: TargetName, people: readonly Person[], rounds: number): Promise<Figure> {
  const count = await counter(world, target);
  const first = await once(world, target);
  const calls = await count();
  const passed: Passed[] = [];
  const raw: number[] = [];
  for (let n = 0; n < rounds; n++) {
    passed.push(await once(world, target));
    raw.push(await rawPass(world, target, first.sent));
  }
  return { target, passed, raw, calls, least: await leastOf(world, target, people, first.accounts) };
}

async function once({ wired }: World, target: TargetName): Promise<Passed> {
  const rss: number[] = [];
  const tapped = tap();
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  let accounts = 0;
  const wrong: Finding[] = [];
  for await (const { totals, findings } of drift(wired.engine, target, attempt())) {
    rss.push(process.memoryUsage.rss() / 1024 / 1024);
    accounts = totals.accounts;
    wrong.push(...findings.filter(({ kind }) => kind !== 'orphan' && kind !== 'unmanaged'));
  }
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  const sent = tapped.stop();
  if (wrong.length > 0)
    throw new Error(`${target}: ${wrong.length} findings where nothing differs, the first ${JSON.stringify(wrong[0])}`);
  const at = (share: number): number => rss[Math.floor((rss.length - 1) * share)] ?? 0;
  return { accounts, ms, cpuMs: (user + system) / 1000, rss: [at(0), at(0.5), at(1)], sent };
}

const rawPass = (world: World, target: TargetName, sent: readonly Sent[]): Promise<number> => {
  if (target === 'ftp') return rawLists(world);
  if (target === 'push') return rawDevices(world);
  return again(sent);
};

/** Counts what the system itself saw from now on: requests in the stand-ins' ledgers (log-ins left out), files fetched, statements of the ledger. */
async function counter({ standIns, partners, wired }: World, target: TargetName): Promise<() => Promise<number>> {
  if (target === 'ftp') {
    partners.proxy.commands.length = 0;
    return async () => partners.proxy.commands.filter((command) => command.startsWith('RETR')).length;
  }
  if (target === 'push') {
    const { devices } = wired.ledger;
    const holders = devices.holders.bind(devices);
    let calls = 0;
    devices.holders = (...asked) => (calls++, holders(...asked));
    return async () => ((devices.holders = holders), calls);
  }
  const names = target === 'exstream' ? (['exstream', 'otds'] as const) : [target];
  const since = await Promise.all(
    names.map(async (name) => (await standIns.control(name, 'GET', '/ledger?since=0&limit=1000000'))['next']),
  );
  return async () => {
    const pages = names.map((name, at) =>
      standIns.control(name, 'GET', `/ledger?since=${String(since[at])}&limit=100000`),
    );
    const entries = (await Promise.all(pages)).flatMap((page) => page['entries'] as { path: string }[]); // the control contract's ledger
    return entries.filter(({ path }) => !/token$|\/authentication\/|^\/act/.test(path)).length;
  };
}

function linesOf({ target, passed, raw, calls, least }: Figure): string[] {
  const ms = median(passed.map((one) => one.ms));
  const accounts = passed[0]?.accounts ?? 0;
  const ratios = passed.map((one, n) => (raw[n] ?? 0) / one.ms);
  const [ratio, share] = [calls / least.calls, median(ratios)];
  const rss = passed.map((one) => one.rss.map((value) => f(value, 0)).join(' → ')).join('; ');
  return [
    `${target}: ${accounts} accounts`,
    `  calls ${calls}, least ${least.calls} (${least.why}): ${f(ratio, 2)} (${goal(`goal ≤ ${GOALS.calls}`, ratio <= GOALS.calls)})`,
    `  ${f((accounts / ms) * 60_000, 0)} people a minute, raw pages ${f((accounts / median(raw)) * 60_000, 0)}: ${f(share, 2)} of rounds ${ratios.map((r) => f(r, 2)).join(' ')} (${goal(`goal ≥ ${GOALS.rate}`, share >= GOALS.rate)}); CPU of our process ${f(median(passed.map((one) => one.cpuMs)), 0)} ms of ${f(ms, 0)} ms`,
    `  memory of our process at start → middle → end, MB: ${rss}`,
  ];
}

export const noChange: Bench = {
  what: "a pass of drift over 5,000 people on each target where nothing differs: calls in the stand-ins' own ledgers ÷ the least that will do, people a minute beside the raw pages, memory",
  takes: 'about 3 minutes',
  options: {
    '--people N': 'default 5000',
    '--rounds N': 'timed passes over each target, default 3',
    '--only T': 'these targets only, for example --only otds,ftp',
  },
  prepare(args) {
    const plan = planOf(args);
    return (servers, say) => measure(servers, plan, say);
  },
};
