/** Ours and the no-op side by side: two sets of the same workers on one server, told apart by the prefix of their queues. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../src/activities/create.ts';
import { firstAttributes } from '../../src/activities/start.ts';
import type { ConvergeSummary, Resolved } from '../../src/activities/types.ts';
import { createLogger } from '../../src/log.ts';
import { ROOT } from '../../src/local/files.ts';
import { workflowBundle } from '../../src/workers/bundle.ts';
import { createWorkers, type WorkersDeps } from '../../src/workers/create.ts';
import { dataConverter, failureConverterPath } from '../../src/workers/dataConverter.ts';
import { TARGETS, type BenchEngine } from './engine.ts';
import type { Servers } from './servers.ts';

export type Side = {
  name: 'ours' | 'noop';
  /** One workflow from start to result; its id. */
  once(): Promise<{ workflowId: string; who: string; begun: number }>;
  /** performance.now() when the last converge of `who` was proved (or echoed). */
  lastProof(who: string): number | undefined;
};

export type Sides = { ours: Side; noop: Side; client: Client; close(): Promise<void> };

/** As `otds` has in the configuration: requests at once per target. */
const CONCURRENT = 8;

type Activities = WorkersDeps['activities'];

export async function openSides(servers: Servers, engine: BenchEngine): Promise<Sides> {
  const { address, namespace } = servers.temporal;
  const converter = dataConverter({ current: { id: 'bench', key: randomBytes(32) }, old: [] });
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  const client = new Client({ connection: clientConnection, namespace, dataConverter: converter });
  const real = createActivities({ engine: engine.deps, client: client.workflow, workflowQueue: 'ours-tenure' });
  const echo = echoes(real);
  const common = {
    connection,
    namespace,
    dataConverter: converter,
    concurrent: Object.fromEntries(['otds', ...TARGETS].map((name) => [name, CONCURRENT])),
    shutdownGraceMs: 500,
    shutdownForceMs: 5_000,
    log: createLogger({ level: 'silent' }),
  };
  const sets = [
    await createWorkers({ ...common, prefix: 'ours-', activities: real, bundle: await workflowBundle() }),
    await createWorkers({ ...common, prefix: 'noop-', activities: echo.activities, bundle: await noopBundle() }),
  ];
  const running = Promise.all(sets.map((set) => set.run()));
  running.catch(() => undefined); // told by close, and by every workflow that never ends
  let n = 0;
  const once = async (type: string, queue: string, who: string) => {
    const workflowId = `${type}/${who}/${++n}`;
    const begun = performance.now();
    const result: unknown = await client.workflow.execute(type, {
      workflowId,
      taskQueue: queue,
      args: [{ person: who }],
      workflowExecutionTimeout: '60 seconds',
      // As the watch starts them.
      typedSearchAttributes: firstAttributes(who),
      staticSummary: `${type} of ${who}, seen by the watch`,
      priority: { priorityKey: 3 },
    });
    if (!isDone(result)) throw new Error(`${workflowId} did not end well: ${JSON.stringify(result)}`);
    return { workflowId, who, begun };
  };
  return {
    client,
    ours: {
      name: 'ours',
      once: () => once('onboarding', 'ours-tenure', engine.joiner()),
      lastProof: engine.provedAt,
    },
    noop: { name: 'noop', once: () => once('noop', 'noop-tenure', echo.somebody()), lastProof: echo.lastProof },
    close: async () => {
      for (const set of sets) set.shutdown();
      await running.catch(() => undefined);
      await connection.close();
      await clientConnection.close();
    },
  };
}

const isDone = (result: unknown): boolean =>
  typeof result === 'object' && result !== null && 'outcome' in result && result.outcome === 'done';

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
