/** An engine on a real ledger with in-process systems: what the directed protocol tests, workflow tests and benchmarks share. */
import { createLogger } from '../../src/log.ts';
import { createLedger } from '../../src/ledger/index.ts';
import type { Ledger } from '../../src/ledger/types.ts';
import type { ConvergeSummary } from '../../src/activities/types.ts';
import type { WantedGrant } from '../../src/domain/resolveDesired.ts';
import type { Person } from '../../src/domain/person.ts';
import { converge } from '../../src/provisioning/converge.ts';
import type { Attempt, EngineDeps, EngineSettings, Hooks, PolicyInForce } from '../../src/provisioning/engine.ts';
import { resolve, type Resolution } from '../../src/provisioning/resolve.ts';
import { sweep, type SweepOutcome } from '../../src/provisioning/sweep.ts';
import type { TargetDescription } from '../../src/systems/port.ts';
import { FakeDirectory, FakeTarget } from './fakes.ts';
import { freshDatabase } from './server.ts';

export type TestRule = {
  name: string;
  group: string;
  grant: string[];
  approval?: string;
  onFailure?: 'undo' | 'hold' | 'continue';
};

/** Rules of a small invented policy: x is birthright, y needs an approval; both on targets alpha and beta. */
export const RULES: TestRule[] = [
  { name: 'editors', group: 'Editors@staff', grant: ['alpha:team/x', 'beta:team/x'] },
  { name: 'admins', group: 'Admins@staff', grant: ['alpha:team/y'], approval: 'Approvers@staff', onFailure: 'undo' },
];

export type Rig = {
  deps: EngineDeps;
  ledger: Ledger;
  directory: FakeDirectory;
  alpha: FakeTarget;
  beta: FakeTarget;
  attempt(holder?: string, over?: Partial<Attempt>): Attempt;
  resolve(who: string, holder?: string): Promise<Resolution>;
  converge(who: string, target: string, holder?: string, mode?: 'apply' | 'disableOnly'): Promise<ConvergeSummary>;
  sweep(): Promise<SweepOutcome>;
  /** The same ledger and systems with hooks: an attempt that can be stopped. `deaf`: one that never renews its lease, as a stopped process would. */
  with(hooks: Hooks, options?: { deaf?: boolean; settings?: Partial<EngineSettings> }): Rig;
  close(): Promise<void>;
};

export const SETTINGS: EngineSettings = {
  leaseMs: 30_000,
  landingMarginMs: 500,
  recheckMs: 86_400_000,
  leaversPerPass: 5,
  sweepAfterMs: 0,
};

/** A policy in memory from test rules. */
export function testPolicy(
  rules: readonly TestRule[],
  systems: readonly string[],
  over: Partial<PolicyInForce> = {},
): PolicyInForce {
  return {
    managed: { managed: systems.flatMap((s) => [`${s}:team/*`]), protected: ['person:break-glass@otds.admin'] },
    brakes: [],
    evaluate: (p: Person) => ({
      problems: [],
      wanted: {
        grants: rules.filter((r) => p.groups.includes(r.group)).flatMap((r) => r.grant.map((key) => grantOf(r, key))),
        systems,
        accounts: Object.fromEntries(systems.map((s) => [s, { whenUnused: 'disable' as const, profile: {} }])),
        grace: { defaultMs: 0, rules: {} },
        conflicts: [],
        policyDigest: 'test',
        scopeDigest: 'test',
      },
    }),
    ...over,
  };
}

function grantOf(rule: TestRule, key: string): WantedGrant {
  return {
    key,
    rule: rule.name,
    digest: `digest-${rule.name}`,
    onFailure: rule.onFailure ?? 'continue',
    ...(rule.approval && {
      approval: {
        group: rule.approval,
        withinMs: 3 * 86_400_000,
        remindMs: 86_400_000,
        distinct: true,
        otherwise: { managerOf: 'approver' as const },
      },
    }),
  };
}

export type RigOptions = {
  rules?: readonly TestRule[];
  settings?: Partial<EngineSettings>;
  policy?: Partial<PolicyInForce>;
  systems?: string[];
  url?: string;
  describe?: Partial<TargetDescription>;
};

/** Opens a rig on a database of its own. */
export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const url = options.url ?? (await freshDatabase()).url;
  const ledger = createLedger({
    url,
    failureWait: { firstMs: 20, longestMs: 50 },
    openWait: { firstMs: 20, longestMs: 50 },
  });
  const directory = new FakeDirectory();
  const systems = options.systems ?? ['otds', 'alpha', 'beta'];
  const targets = systems.map((name) => [name, new FakeTarget(name, options.describe)] as const);
  const deps: EngineDeps = {
    ledger,
    directory,
    targets: Object.fromEntries(targets.map(([name, target]) => [name, { target, mode: 'enforce' as const }])),
    policy: () => testPolicy(options.rules ?? RULES, systems, options.policy),
    profiles: (p) => Object.fromEntries(systems.map((s) => [s, { email: p.fields['email'] ?? '' }])),
    settings: { ...SETTINGS, ...options.settings },
    log: createLogger({ level: 'silent' }),
  };
  return rigOf(deps, directory, Object.fromEntries(targets));
}

let attempts = 0;

function rigOf(deps: EngineDeps, directory: FakeDirectory, targets: Record<string, FakeTarget>): Rig {
  const attempt = (holder = `test-${++attempts}`, over: Partial<Attempt> = {}): Attempt => ({
    holder,
    now: new Date().toISOString(),
    signal: new AbortController().signal,
    heartbeat: () => {},
    ...over,
  });
  const ref = async (who: string) =>
    (await deps.ledger.personByWho(who)) ?? {
      uuid: `uuid-${who}`,
      who,
      login: who.split('@')[0]!,
      partition: who.split('@')[1]!,
    };
  return {
    deps,
    ledger: deps.ledger,
    directory,
    alpha: targets['alpha']!,
    beta: targets['beta']!,
    attempt,
    resolve: (who, holder) => resolve(deps, who, undefined, attempt(holder)),
    converge: async (who, target, holder, mode = 'apply') =>
      converge(deps, { person: await ref(who), target, mode }, attempt(holder)),
    sweep: () => sweep(deps, attempt()),
    with: (hooks, { deaf = false, settings = {} } = {}) =>
      rigOf(
        {
          ...deps,
          hooks,
          settings: { ...deps.settings, ...settings },
          ledger: deaf ? { ...deps.ledger, renew: async () => true } : deps.ledger,
        },
        directory,
        targets,
      ),
    close: () => deps.ledger.close(),
  };
}
