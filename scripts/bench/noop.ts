/** A workflow that does nothing, with as many activities and payloads of the same sizes: the ceiling on this machine. */
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { ConvergeSummary, Resolved } from '../../src/activities/types.ts';
import { ROOT } from '../../src/local/files.ts';
import { failureConverterPath } from '../../src/workers/dataConverter.ts';
import { CONCURRENT, TARGETS } from './engine.ts';
import type { Activities, Begun, Stage } from './stage.ts';

export type Side = {
  name: 'ours' | 'noop';
  /** One workflow from start to result. */
  once(): Promise<Begun>;
  /** performance.now() when the last converge of `who` was proved (or echoed). */
  lastProof(who: string): number | undefined;
};

/** Serves it beside `real`, whose other activities are never called. */
export async function openNoop(stage: Stage, real: Activities): Promise<Side> {
  const echo = echoes(real);
  const bundle = await noopBundle();
  await stage.serve({ prefix: 'noop-', activities: echo.activities, bundle, concurrent: CONCURRENT });
  return {
    name: 'noop',
    once: async () => stage.done(await stage.start({ type: 'noop', prefix: 'noop-', who: echo.somebody() })),
    lastProof: echo.lastProof,
  };
}

function noopBundle(): Promise<{ code: string }> {
  return bundleWorkflowCode({
    workflowsPath: join(ROOT, 'scripts', 'bench', 'workflows.ts'),
    failureConverterPath,
    logger: new DefaultLogger('WARN'),
  });
}

/** The same activities, answering at once with what ours answers for such a joiner. */
function echoes(real: Activities): {
  activities: Activities;
  somebody: () => string;
  lastProof: (who: string) => number | undefined;
} {
  const proofs = new Map<string, number>();
  const converge = async ({ person, target }: { person: string; target: string }): Promise<ConvergeSummary> => {
    proofs.set(person, performance.now());
    return { ...PROVED, target, applied: ['create', `grant ${target}:team/x`] };
  };
  let n = 0;
  return {
    somebody: () => `echoed${++n}@staff`,
    lastProof: (who) => proofs.get(who),
    activities: {
      otds: { ...real.otds, resolvePerson: async ({ person }) => ({ ...RESOLVED, person, uuid: `uuid-${person}` }) },
      ledger: { ...real.ledger, finishRun: async () => ({ ok: true }) },
      targets: Object.fromEntries(TARGETS.map((name) => [name, { converge }])),
    },
  };
}

const PROVED: ConvergeSummary = {
  target: '',
  number: 1,
  state: 'proved',
  account: 'present',
  applied: [],
  left: [],
  open: [],
  waiting: [],
  warnings: [],
  failed: [],
  ambiguous: false,
  provedAt: '2026-01-01T00:00:00.000000Z',
};

const RESOLVED: Resolved = {
  person: '',
  uuid: '',
  number: 1,
  decisionVersion: 0,
  standing: 'active',
  urgent: false,
  targets: TARGETS.map((target) => ({ target, summary: 'account, x' })),
  graces: [],
  deletions: [],
  recheckMs: 86_400_000,
  others: [],
  asks: [],
  problems: [],
};
