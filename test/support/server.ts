/** The servers that tests share: each starts when the first test of a run asks for it, and ends with the run. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { logEnd } from '../../src/local/child.ts';
import { oncePerRun, testDir } from './run.ts';

/** `cli`: the Temporal CLI that serves, for tests that call it. */
export type TestTemporal = { address: string; namespace: string; cli: string };

/** The real Temporal server 1.32 of this run, all in memory. Use a task queue of your own per test file. */
export const temporalServer = (): Promise<TestTemporal> => oncePerRun('temporal', () => host<TestTemporal>('temporal'));

/** The real PostgreSQL of this run (no fsync). Use `freshDatabase` for a ledger. `pid`: the server's. */
export const postgres = (): Promise<{ url: string; pid: number }> => oncePerRun('postgres', () => host('postgres'));

async function host<T>(kind: 'temporal' | 'postgres'): Promise<T> {
  const log = join(testDir(), `${kind}.host.log`);
  const out = openSync(log, 'a');
  const script = join(dirname(fileURLToPath(import.meta.url)), 'host.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, testDir(), kind], {
    detached: true,
    stdio: ['ignore', out, out],
  });
  closeSync(out);
  child.unref();
  const file = join(testDir(), `${kind}.ready`);
  let ended = false;
  child.once('exit', () => (ended = true));
  while (!existsSync(file)) {
    if (ended) throw new Error(`The ${kind} server of the tests did not start:\n${logEnd(log)}`);
    await pause(20);
  }
  const outcome = JSON.parse(readFileSync(file, 'utf8')) as { value: T } | { error: string }; // host.ts wrote it
  if ('error' in outcome) throw new Error(`The ${kind} server of the tests did not start: ${outcome.error}`);
  return outcome.value;
}

const TEMPLATE = 'ledger_template';

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const urlOfDatabase = (url: string, name: string): string => url.replace(/\/postgres(?=\?|$)/, `/${name}`);

/** A database with every migration, once per run. */
const template = (): Promise<string> =>
  oncePerRun('template', async () => {
    const { url } = await postgres();
    await withClient(url, (client) => client.query(`create database ${TEMPLATE}`));
    const { migrate } = await import('../../src/ledger/migrate.ts');
    await migrate(urlOfDatabase(url, TEMPLATE));
    return TEMPLATE;
  });

/** A ledger of your own: one per test file, or per test (about 30 ms each). `drop` ends what is still connected to it. */
export type FreshDatabase = { url: string; drop: () => Promise<void> };

/** Creates it as a copy of a migrated one, or with `migrated: false` empty. */
export async function freshDatabase(options: { migrated?: boolean } = {}): Promise<FreshDatabase> {
  const { url } = await postgres();
  const name = `test_${randomBytes(6).toString('hex')}`;
  const from = options.migrated === false ? '' : ` template ${await template()}`;
  await withClient(url, (client) => client.query(`create database ${name}${from}`));
  const drop = (): Promise<void> =>
    withClient(url, async (client) => void (await client.query(`drop database if exists ${name} with (force)`)));
  return { url: urlOfDatabase(url, name), drop };
}
