import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const script = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const local = {
  temporal: { address: '127.0.0.1:1', namespace: 'default' },
  ledger: 'postgres://x/y',
  otds: { url: 'http://x', user: 'u', password: 'p' },
  iconik: { url: 'http://x', appId: 'a', authToken: 't' },
};
let folder: string;
let cli: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenure-temporal-'));
  cli = join(folder, 'temporal');
  // Stands in for the Temporal CLI: says what it was given, and fails in its own way.
  writeFileSync(
    cli,
    '#!/bin/sh\nif [ "$1" = --version ]; then echo "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"; exit 0; fi\n' +
      'echo "$TEMPORAL_CONFIG_FILE|$TEMPORAL_ADDRESS|$*"\nexit 3\n',
  );
  chmodSync(cli, 0o755);
  writeFileSync(join(folder, 'local.json'), JSON.stringify(local));
  writeFileSync(join(folder, 'temporal.toml'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function tenure(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const env = { PATH: process.env['PATH'], TEMPORAL_CLI_PATH: cli, TEMPORAL_ADDRESS: 'elsewhere:7233' };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (err += part.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}

describe('tenure temporal', () => {
  test('runs the CLI that was found with the local profile alone, hands all on, and ends as it ended', async () => {
    const { code, out } = await tenure(
      'temporal',
      '--data',
      folder,
      'workflow',
      'list',
      '--query',
      'Stage="approval"',
      '--json',
      '--help',
    );
    expect(out).toBe(`${join(folder, 'temporal.toml')}||workflow list --query Stage="approval" --json --help\n`);
    expect(code).toBe(3);
  });

  test('--data may also stand before it', async () => {
    const { out } = await tenure('--data', folder, 'temporal', 'operator', 'cluster', 'health');
    expect(out).toBe(`${join(folder, 'temporal.toml')}||operator cluster health\n`);
  });
});
