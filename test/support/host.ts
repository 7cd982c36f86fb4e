/**
 * `node host.ts FOLDER temporal|postgres`: holds one server for a whole Jest run. Not a Jest worker, because those come and go; ends with the run,
 * also when the run is killed.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startOrAttach, stop } from '../../src/ledger/embedded.ts';
import { freePort } from '../../src/local/ports.ts';
import { identify, isRunning, type ProcessId } from '../../src/local/processes.ts';
import { findTemporalCli } from '../../src/local/temporalCli.ts';
import { startTemporalServer } from '../../src/local/temporalServer.ts';
import { REQUIRED_SERVER } from '../../src/local/temporalVersion.ts';
import { writeJson } from './run.ts';

type Server = { value: unknown; stop: () => Promise<void> };

async function temporal(folder: string): Promise<Server> {
  const cli = await findTemporalCli({
    requireServer: REQUIRED_SERVER,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  const server = await startTemporalServer({
    cli: cli.path,
    port: await freePort(),
    logFile: join(folder, 'temporal.log'),
  });
  // All in memory: nothing is lost by the quick end.
  const end = async (): Promise<void> => {
    server.child.kill('SIGKILL');
    await server.child.ended;
  };
  return { value: { address: server.address, namespace: server.namespace, cli: cli.path }, stop: end };
}

async function postgres(folder: string): Promise<Server> {
  const dir = join(folder, 'pg');
  const server = await startOrAttach(dir, { fast: true, bound: true, settings: { max_connections: '300' } });
  return { value: { url: server.url, pid: server.pid }, stop: () => stop(dir) };
}

const [folder = '', kind = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
writeJson(join(folder, `${kind}.host`), identify(process.pid));
const main = JSON.parse(readFileSync(join(folder, 'main.json'), 'utf8')) as ProcessId; // globalSetup wrote it

let server: Server;
try {
  server = await (kind === 'temporal' ? temporal(folder) : postgres(folder));
} catch (error) {
  writeJson(join(folder, `${kind}.ready`), { error: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
const end = (): void =>
  void server.stop().finally(() => {
    // The teardown removes the folder; a run that was killed has none.
    if (!isRunning(main)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    process.exit(0);
  });
process.once('SIGTERM', end);
setInterval(() => isRunning(main) || end(), 500);
writeJson(join(folder, `${kind}.ready`), { value: server.value });
