import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { alive, attach, startOrAttach, stop } from './embedded.ts';
import { binaries } from './embeddedBinaries.ts';
import { processExists } from './embeddedProcess.ts';

const fast = { fast: true, bound: true } as const;
let base: string;
let dir: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'pg-'));
  dir = join(base, 'pg');
});

afterEach(async () => {
  await stop(dir);
  rmSync(base, { recursive: true, force: true });
});

async function query<T>(url: string, sql: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
}

async function gone(pid: number): Promise<void> {
  while (processExists(pid) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z')) {
    await new Promise((done) => setImmediate(done));
  }
}

describe('embedded PostgreSQL', () => {
  test('is created on first use, attached to on the second, and keeps its rows over a stop', async () => {
    const first = await startOrAttach(dir, fast);
    expect(first.started).toBe(true);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    await query(first.url, 'create table kept (n int); insert into kept values (42)');

    const second = await startOrAttach(dir, fast);
    expect(second).toEqual({ ...first, started: false });

    await stop(dir);
    expect(await alive(first.url)).toBe(false);
    expect(await attach(dir)).toBeUndefined();

    const third = await startOrAttach(dir, fast);
    expect(third.started).toBe(true);
    expect(await query(third.url, 'select n from kept')).toEqual([{ n: 42 }]);
  });

  test('has no TCP port while its path fits a socket', async () => {
    const { url } = await startOrAttach(dir, fast);
    expect(await query(url, 'show listen_addresses')).toEqual([{ listen_addresses: '' }]);
  });

  test('started four times at once from nothing is one server', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => startOrAttach(dir, fast)));
    expect(all.filter((one) => one.started)).toHaveLength(1);
    expect(new Set(all.map((one) => one.pid)).size).toBe(1);
  });

  test('comes back after kill -9 with every committed row', async () => {
    const { url, pid } = await startOrAttach(dir, { bound: true });
    await query(url, 'create table kept (n int)');
    await query(url, 'insert into kept values (1)');
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    expect(existsSync(join(dir, 'postmaster.pid'))).toBe(true);

    const again = await startOrAttach(dir, { bound: true });
    expect(again.started).toBe(true);
    expect(await query(again.url, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  test('starts although the pid file names a living process that is not PostgreSQL', async () => {
    await startOrAttach(dir, fast);
    const pidFile = readFileSync(join(dir, 'postmaster.pid'), 'utf8');
    await stop(dir);
    const other = spawn('sleep', ['60']);
    try {
      writeFileSync(join(dir, 'postmaster.pid'), pidFile.replace(/^\d+/, String(other.pid)), { mode: 0o600 });
      expect((await startOrAttach(dir, fast)).started).toBe(true);
      expect(processExists(other.pid ?? 0)).toBe(true);
    } finally {
      other.kill();
    }
  });

  test('listens on 127.0.0.1 with a password where the path is too long for a socket', async () => {
    dir = join(base, 'x'.repeat(90), 'pg');
    mkdirSync(join(dir, '..'));
    const { url, started } = await startOrAttach(dir, fast);
    expect(started).toBe(true);
    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect(await alive(url)).toBe(true);
    expect(await alive(url.replace(/:[^:@]+@/, ':wrong@'))).toBe(false);
    expect((await attach(dir))?.url).toBe(url);
  });

  test('runs as nobody where user namespaces are forbidden', async () => {
    if (process.getuid?.() !== 0) return; // only root has this path
    rmSync(base, { recursive: true });
    mkdirSync(base, { mode: 0o755 });
    const server = await startOrAttach(dir, { ...fast, namespaces: false });
    expect(statSync(dir).uid).toBe(65534);
    expect(await alive(server.url)).toBe(true);
  });

  test('without a package for the platform says to set DATABASE_URL', async () => {
    await expect(binaries('plan9-mips')).rejects.toThrow(/plan9-mips.*DATABASE_URL/);
  });
});
