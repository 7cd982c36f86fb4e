/** `npm run bench -- [NAME]`: what Tenure costs, as ratios within one run. `docs/benchmarks.md` says what each figure means. */
import { setTimeout as delay } from 'node:timers/promises';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { until } from '../until.ts';
import type { Bench } from './bench.ts';
import { isolation } from './isolation.ts';
import { joiner } from './joiner.ts';
import { noChange } from './noChange.ts';
import { machine } from './report.ts';
import { startServers } from './servers.ts';
import { urgentLeavers } from './urgentLeavers.ts';

const BENCHES: Readonly<Record<string, Bench>> = {
  joiner,
  isolation,
  'urgent-leavers': urgentLeavers,
  'no-change': noChange,
};

/** Longer than any of them takes on a busy machine: then something hangs. */
const LIMIT_MS = 20 * 60_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function help(): string {
  const each = Object.entries(BENCHES).flatMap(([name, { what, takes, options }]) => [
    `${name}: ${what}. Takes ${takes}.`,
    ...Object.entries(options).map(([option, meaning]) => `  ${option.padEnd(16)} ${meaning}`),
    '',
  ]);
  return [
    'npm run bench -- [NAME] [options]    NAME: one of these; joiner where none is given',
    '',
    "Starts a Temporal server and the ledger's PostgreSQL (both on disk, fsync on), measures, and ends everything. A benchmark is no test: exit code 0",
    'whatever the figures, 1 when something is broken.',
    '',
    ...each,
  ].join('\n');
}

async function main(): Promise<void> {
  const [first, ...rest] = process.argv.slice(2);
  const named = first !== undefined && !first.startsWith('-');
  const args = named ? rest : process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) return void process.stdout.write(help());
  const bench = BENCHES[named ? first : 'joiner'];
  if (!bench) throw new Error(`There is no benchmark ${first}; they are ${Object.keys(BENCHES).join(', ')}.`);
  const run = bench.prepare(args);
  const ending = until();
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const servers = await startServers(say);
  try {
    say(machine(servers.versions));
    const broken = ending.ended.then(() => Promise.reject(new Error('The benchmark was broken off.')));
    const late = delay(LIMIT_MS, undefined, { ref: false }).then(() =>
      Promise.reject(new Error('The benchmark hangs.')),
    );
    say(`\n${(await Promise.race([run(servers, say), broken, late])).join('\n')}`);
    say(`\nat the end: ${machine(servers.versions)}`);
  } catch (error) {
    // Before what it leaves behind is ended, which may fail in its own way.
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await servers.close();
  }
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
