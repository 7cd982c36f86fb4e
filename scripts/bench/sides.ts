/** Ours and the no-op side by side on one server. */
import type { Client } from '@temporalio/client';
import { createActivities } from '../../src/activities/create.ts';
import { workflowBundle } from '../../src/workers/bundle.ts';
import { CONCURRENT, type BenchEngine } from './engine.ts';
import { openNoop, type Side } from './noop.ts';
import type { Servers } from './servers.ts';
import { openStage } from './stage.ts';

export type Sides = { ours: Side; noop: Side; client: Client; close(): Promise<void> };

export async function openSides(servers: Servers, engine: BenchEngine): Promise<Sides> {
  const stage = await openStage(servers);
  const { client } = stage;
  const activities = createActivities({ engine: engine.deps, client: client.workflow, workflowQueue: 'ours-tenure' });
  await stage.serve({ prefix: 'ours-', activities, bundle: await workflowBundle(), concurrent: CONCURRENT });
  const ours: Side = {
    name: 'ours',
    once: async () => stage.done(await stage.start({ type: 'onboarding', prefix: 'ours-', who: engine.joiner() })),
    lastProof: engine.provedAt,
  };
  return { client, ours, noop: await openNoop(stage, activities), close: () => stage.close() };
}
