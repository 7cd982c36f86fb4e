/**
 * `node scripts/run.mjs scripts/record-histories.ts [TYPE[.ENDING]…]`: plays every ending of every workflow type (or those named) on the real
 * Temporal server, with codec and failure converter, and writes what the server recorded to `test/replay/histories/`. To be run after a change of
 * workflow code that is meant: first look at what the replay test says, because runs in flight will meet the same.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { SCENES } from '../test/replay/scenes/all.ts';
import { openStage, type Scene } from '../test/replay/stage.ts';
import setup from '../test/globalSetup.ts';
import teardown from '../test/globalTeardown.ts';

const folder = fileURLToPath(new URL('../test/replay/histories/', import.meta.url));
const SCENE_LIMIT_MS = 60_000;
const wanted = process.argv.slice(2);

/** Every scene has a person of its own, so that no run is in another's way: `w1000` upwards, always the same. */
const scenes = Object.entries(SCENES)
  .flatMap(([type, endings]) => Object.entries(endings).map(([ending, scene]) => ({ type, ending, scene })))
  .map((one, index) => ({ ...one, person: 1_000 + index }))
  .filter(({ type, ending }) => wanted.length === 0 || wanted.includes(type) || wanted.includes(`${type}.${ending}`));
if (scenes.length === 0) throw new Error(`No scene is called ${wanted.join(', ')}; see test/replay/scenes/.`);

async function record(scene: Scene, person: number): Promise<string> {
  const stage = await openStage(person, scene.options);
  try {
    const handle = await Promise.race([scene.play(stage), tooLong()]);
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') throw new Error('the run did not end');
    return JSON.stringify(JSON.parse(historyToJSON(await handle.fetchHistory())), undefined, 1);
  } finally {
    for await (const run of stage.client.workflow.list({ query: 'ExecutionStatus="Running"' }))
      await terminate(stage.client.workflow.getHandle(run.workflowId, run.runId));
    await stage.close();
  }
}

async function tooLong(): Promise<never> {
  await pause(SCENE_LIMIT_MS, undefined, { ref: false });
  throw new Error(`the run did not end within ${SCENE_LIMIT_MS / 1000} s`);
}

/** It may have ended by itself meanwhile. */
async function terminate(handle: WorkflowHandle): Promise<void> {
  await handle.terminate('the scene is over').catch(() => undefined);
}

// Ctrl-C ends this process as any other; its servers notice.
const quiet = { logging: { filter: 'OFF', forward: {} } };
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: quiet, shutdownSignals: [] });
mkdirSync(folder, { recursive: true });
await setup();
try {
  for (const { type, ending, scene, person } of scenes) {
    const history = await record(scene, person).catch((error: unknown) => {
      throw new Error(`${type}.${ending} could not be recorded`, { cause: error });
    });
    writeFileSync(join(folder, `${type}.${ending}.json`), `${history}\n`);
    process.stdout.write(`${type}.${ending}: ${history.length} characters\n`);
  }
} finally {
  await teardown();
}
process.exit(0);
