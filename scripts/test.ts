/** `npm test [-- jest arguments]`: every test, and as the last line alone `N passed, N failed, N skipped`. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaries, dieWithParent } from '../src/ledger/embeddedBinaries.ts';
import { ROOT } from '../src/local/files.ts';
import { findTemporalCli } from '../src/local/temporalCli.ts';
import { REQUIRED_SERVER } from '../src/local/temporalVersion.ts';
import { provideBrowser } from './browser.ts';
import { provideDaemons } from '../src/local/daemons/provide.ts';

/** The part of Jest's report that we read. */
type Report = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: { assertionResults: { fullName: string; status: string }[] }[];
};

/** Paths below which tests talk to real FTP, SFTP and LDAP servers. */
const NEED_DAEMONS = /daemons|directory|ftp|ldap|local|src\/?$|systems\/?$|test\/?$|conformance|e2e|support|chaos/;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs Jest; answers its exit code (128 + 15 when it was ended by a signal). */
function jest(args: readonly string[]): Promise<number> {
  const flags = ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules'];
  const file = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const config = ['--config', join(ROOT, 'jest.config.ts'), '--rootDir', ROOT];
  const [command, all] = dieWithParent('TERM', process.execPath, [...flags, file, ...config, ...args]);
  const child = spawn(command, all, { cwd: ROOT, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  process.once('disconnect', () => child.kill('SIGTERM'));
  process.channel?.unref();
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code) => done(code ?? 143));
  });
}

/** Nothing is left out in silence. */
function skipped({ testResults }: Report): string[] {
  const all = testResults.flatMap((file) => file.assertionResults);
  return all.filter(({ status }) => status === 'pending' || status === 'todo').map(({ fullName }) => fullName);
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  // First, and not in the middle of a test's time limit: this may have to be fetched.
  await findTemporalCli({ requireServer: REQUIRED_SERVER, say });
  await binaries();
  // Without a path every test runs.
  const everything = args.every((arg) => arg.startsWith('-'));
  if (everything || args.some((arg) => arg.includes('ui'))) provideBrowser(say);
  if (everything || args.some((arg) => NEED_DAEMONS.test(arg))) provideDaemons(say);
  const folder = mkdtempSync(join(tmpdir(), 'tenure-report-'));
  try {
    const file = join(folder, 'report.json');
    // Two: the servers that the tests share work in their own processes beside them.
    const code = await jest(['--maxWorkers=2', '--json', '--outputFile', file, ...args]);
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report; // Jest's own
    // A file that does not load has no tests to count, and is a failure all the same.
    const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
    // With a name pattern every other test counts as skipped.
    if (!args.some((arg) => /^(-t|--testNamePattern)/.test(arg)))
      for (const name of skipped(report)) say(`skipped: ${name}`);
    say(`${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests + report.numTodoTests} skipped`);
    return failed > 0 ? Math.max(code, 1) : code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`The tests did not run: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
