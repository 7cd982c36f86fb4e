/** The engine on the real ledger with a directory and five targets in this process that answer at once. */
import { createLogger } from '../../src/log.ts';
import type { PostgresLedger } from '../../src/ledger/index.ts';
import { converge } from '../../src/provisioning/converge.ts';
import type { Attempt, EngineDeps } from '../../src/provisioning/engine.ts';
import { resolve } from '../../src/provisioning/resolve.ts';
import { FakeDirectory, FakeTarget, person } from '../../test/support/fakes.ts';
import { SETTINGS, testPolicy } from '../../test/support/rig.ts';
import { closedLoop } from './loop.ts';

export const TARGETS = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'] as const;

/** Requests at once per target, as `otds` has in the configuration. */
export const CONCURRENT: Readonly<Record<string, number>> = Object.fromEntries(
  ['otds', ...TARGETS].map((name) => [name, 8]),
);

export type BenchEngine = {
  deps: EngineDeps;
  ledger: PostgresLedger;
  /** A joiner who is due one account and one team on each target; `login@partition`. */
  joiner(): string;
  /** performance.now() of the last proof of a joiner; undefined before the fifth. */
  provedAt: (who: string) => number | undefined;
  /** Forgets everybody in directory and targets (the ledger keeps them), so that lookups in memory stay cheap. */
  forget: () => void;
};

export function openEngine(ledger: PostgresLedger): BenchEngine {
  const directory = new FakeDirectory();
  const fakes = TARGETS.map((name) => [name, new FakeTarget(name)] as const);
  const rules = [{ name: 'editors', group: 'Editors@staff', grant: TARGETS.map((name) => `${name}:team/x`) }];
  const policy = testPolicy(rules, TARGETS);
  const proofs = new Map<string, { n: number; at: number }>();
  const deps: EngineDeps = {
    ledger,
    directory,
    targets: Object.fromEntries(fakes.map(([name, target]) => [name, { target, mode: 'enforce' as const }])),
    policy: () => policy,
    profiles: (p) => Object.fromEntries(TARGETS.map((name) => [name, { email: p.fields['email'] ?? '' }])),
    settings: SETTINGS,
    log: createLogger({ level: 'silent' }),
    hooks: {
      async at(point, where) {
        if (point !== 'converge.proved') return;
        const before = proofs.get(where.person)?.n ?? 0;
        proofs.set(where.person, { n: before + 1, at: performance.now() });
      },
    },
  };
  let n = 0;
  return {
    deps,
    ledger,
    joiner() {
      const who = `joiner${++n}@staff`;
      directory.set(person(who, { groups: ['Editors@staff'] }));
      return who;
    },
    provedAt(who) {
      const proof = proofs.get(who);
      return proof?.n === TARGETS.length ? proof.at : undefined;
    },
    forget() {
      directory.all.clear();
      proofs.clear();
      for (const [, target] of fakes) {
        target.accounts.clear();
        target.effects.length = 0;
      }
    },
  };
}

export type Floor = { concurrency: number; joinersPerSecond: number; statementsPerSecond: number };

/** The engine without Temporal: resolve, then five converges side by side. */
export async function engineFloor(engine: BenchEngine, concurrency: number, joiners: number): Promise<Floor> {
  const before = engine.ledger.statements();
  const { calls, seconds } = await closedLoop(concurrency, joiners, 5_000, () => provide(engine));
  const statements = engine.ledger.statements() - before;
  engine.forget();
  return { concurrency, joinersPerSecond: calls / seconds, statementsPerSecond: statements / seconds };
}

async function provide(engine: BenchEngine): Promise<void> {
  const { deps } = engine;
  const who = engine.joiner();
  const { person: joiner } = await resolve(deps, who, undefined, attempt(who));
  const done = await Promise.all(
    TARGETS.map((target) => converge(deps, { person: joiner, target, mode: 'apply' }, attempt(`${who}/${target}`))),
  );
  if (done.some((s) => s.state !== 'proved'))
    throw new Error(`The engine left ${who} unproved: ${JSON.stringify(done)}`);
}

const attempt = (holder: string): Attempt => ({
  holder,
  now: new Date().toISOString(),
  signal: new AbortController().signal,
  heartbeat: () => undefined,
});
