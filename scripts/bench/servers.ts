/** The Temporal server and the ledger's PostgreSQL of one benchmark run, as `npm start` has them: files on disk, fsync on. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startOrAttach, stop } from '../../src/ledger/embedded.ts';
import { createLedger, migrate, type PostgresLedger } from '../../src/ledger/index.ts';
import { ROOT } from '../../src/local/files.ts';
import { freePort } from '../../src/local/ports.ts';
import { findTemporalCli } from '../../src/local/temporalCli.ts';
import { startTemporalServer } from '../../src/local/temporalServer.ts';
import { REQUIRED_SERVER } from '../../src/local/temporalVersion.ts';

export type Servers = {
  temporal: { address: string; namespace: string; pid: number };
  ledger: { client: PostgresLedger; url: string; pid: number };
  /** Folder of this run's files; `close` removes it. */
  folder: string;
  /** For the report: `CLI 1.9.1 (server 1.32.0)`. */
  versions: string;
  close(): Promise<void>;
};

/** Starts both in a folder of their own below `.tenure`, which `close` removes. They end with this process, however it ends. */
export async function startServers(say: (line: string) => void): Promise<Servers> {
  const folder = join(ROOT, '.tenure', `bench-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const ends: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const end of ends.reverse()) await end().catch((error: unknown) => say(`At the end: ${String(error)}`));
  };
  try {
    const pg = join(folder, 'pg');
    ends.push(() => stop(pg));
    const database = await startOrAttach(pg, { bound: true });
    await migrate(database.url);
    const ledger = createLedger({ url: database.url });
    ends.push(() => ledger.close());
    const cli = await findTemporalCli({ requireServer: REQUIRED_SERVER, say });
    const server = await startTemporalServer({
      cli: cli.path,
      port: await freePort(),
      dbFile: join(folder, 'temporal.db'),
      logFile: join(folder, 'temporal.log'),
    });
    ends.push(() => server.stop());
    return {
      temporal: { address: server.address, namespace: server.namespace, pid: server.child.pid },
      ledger: { client: ledger, url: database.url, pid: database.pid },
      folder,
      versions: `Temporal CLI ${cli.version.cli} (server ${cli.version.server}), embedded PostgreSQL with fsync`,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
