/** One planted bug for each rule of the protocol: each must be caught, and the unpatched code must pass the same tests. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../../src/local/files.ts';

const PATCHES = join(ROOT, 'test', 'chaos', 'mutants');
/** Longest a catcher may take; a mutant that hangs its test counts as caught by the test's own time limit, well before. */
const LIMIT_MS = 300_000;

type Mutant = { name: string; rule: string; bug: string; file: string; test: string | undefined };

/** A patch says in its first lines which rule it breaks, how, and which test must notice. */
function read(name: string): Mutant {
  const text = readFileSync(join(PATCHES, name), 'utf8');
  const line = (key: string): string => new RegExp(`^${key}: (.*)$`, 'mu').exec(text)?.[1] ?? '';
  const [file = '', test] = line('Caught by').split(' -t ');
  if (!file || !line('Rule')) throw new Error(`${name} must begin with "Rule:", "Bug:" and "Caught by:" lines.`);
  return { name, rule: line('Rule'), bug: line('Bug'), file, test };
}

/** The project as git sees it, in a folder of its own; dependencies and the workflow cache are shared by links. */
function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tenure-mutants-'));
  const files = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  for (const file of files.stdout.split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  symlinkSync(join(ROOT, '.cache'), join(folder, '.cache'));
  return folder;
}

/** Runs in the copy what must notice: one test file, one test of it, or seeds of chaos. */
function passes(folder: string, file: string, test: string | undefined): boolean {
  const [what, ...args] = file.split(' ');
  return what === 'chaos' ? seedsPass(folder, args) : testsPass(folder, file, test);
}

/** A seed that could not be run at all is no catch: the oracle must have named somebody. */
function seedsPass(folder: string, args: readonly string[]): boolean {
  const script = ['--disable-warning=ExperimentalWarning', 'scripts/chaos.ts', ...args];
  const run = spawnSync(process.execPath, script, { cwd: folder, encoding: 'utf8', timeout: LIMIT_MS });
  const good = / ended as they should/u.test(run.stdout);
  if (!good && !/^ {2}seed \d+: \S+@\S+ /mu.test(run.stdout))
    throw new Error(
      `chaos ${args.join(' ')} did not come to its end:\n${run.stdout.slice(-2_000)}${run.stderr.slice(-2_000)}`,
    );
  return good;
}

function testsPass(folder: string, file: string, test: string | undefined): boolean {
  const flags = [
    '--disable-warning=ExperimentalWarning',
    '--experimental-vm-modules',
    'node_modules/jest/bin/jest.js',
    '--config',
    'jest.config.ts',
  ];
  const only = test === undefined ? [] : ['-t', test.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&')];
  const run = spawnSync(process.execPath, [...flags, file, ...only, '--json'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  const report = /^\{"numFailedTestSuites".*$/mu.exec(run.stdout)?.[0];
  const ran =
    report === undefined
      ? 0
      : Number(/"numPassedTests":(\d+)/u.exec(report)?.[1] ?? 0) +
        Number(/"numFailedTests":(\d+)/u.exec(report)?.[1] ?? 0);
  if (ran === 0) throw new Error(`No test of ${file}${test ? ` -t ${test}` : ''} ran:\n${run.stderr.slice(-2_000)}`);
  return run.status === 0;
}

function git(folder: string, args: string[]): void {
  const done = spawnSync('git', ['apply', '--unsafe-paths', ...args], { cwd: folder, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`git apply ${args.join(' ')}: ${done.stderr}`);
}

/**
 * Plants each bug in turn; answers 0 only if all are caught and the unpatched code passes what catches them. `only`: those whose names begin so
 * (`05`, `09b-approval`).
 */
export function runMutants(say: (line: string) => void, only = ''): number {
  const mutants = readdirSync(PATCHES)
    .filter((n) => n.endsWith('.patch') && n.startsWith(only))
    .sort()
    .map(read);
  if (mutants.length === 0) throw new Error(`No mutant's name begins with "${only}".`);
  const folder = copy();
  let missed = 0;
  try {
    for (const file of new Set(mutants.map((m) => m.file))) {
      const whole = mutants.filter((m) => m.file === file);
      const tests = whole.some((m) => m.test === undefined) ? [undefined] : whole.map((m) => m.test);
      const good = tests.every((test) => passes(folder, file, test));
      say(`${good ? 'passes ' : 'BROKEN '}  unpatched  ${file}`);
      if (!good) missed++;
    }
    for (const mutant of mutants) {
      const patch = join(PATCHES, mutant.name);
      git(folder, [patch]);
      const caught = !passes(folder, mutant.file, mutant.test);
      git(folder, ['-R', patch]);
      say(
        `${caught ? 'caught ' : 'MISSED '}  rule ${mutant.rule.padEnd(4)}  ${mutant.bug}  (${mutant.file}${mutant.test ? `, "${mutant.test}"` : ''})`,
      );
      if (!caught) missed++;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say(
    missed === 0
      ? `${mutants.length} mutants, every one caught.`
      : `${missed} of ${mutants.length} mutants or unpatched runs are not as they should be.`,
  );
  return missed === 0 ? 0 : 1;
}
