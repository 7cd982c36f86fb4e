import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alive } from '../ledger/embedded.ts';
import type { Ended } from './child.ts';
import { layoutOf } from './files.ts';
import { startLocalSystem, type LocalSystem } from './localSystem.ts';
import { freePortBase, isFree, portsFrom } from './ports.ts';
import { isRunning, type ProcessId } from './processes.ts';
import { REQUIRED_SERVER } from './temporalVersion.ts';
import { SYSTEM_NAMES } from './systems.ts';
import { serves } from './temporalServer.ts';

const lost: [string, Ended][] = [];
let folder: string;
let base: number;
let system: LocalSystem;

const options = () => ({
  data: join(folder, 'data'),
  portBase: base,
  workers: false,
  temporal: { requireServer: REQUIRED_SERVER, inMemory: true },
  onLost: (part: string, how: Ended) => lost.push([part, how]),
});

const running = (): Record<string, ProcessId> =>
  JSON.parse(readFileSync(layoutOf(system.data).processes, 'utf8')) as Record<string, ProcessId>;
const health = async (control: string): Promise<unknown> => (await fetch(`${control}/health`)).json();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'local-'));
  base = await freePortBase();
  system = await startLocalSystem(options());
});
afterAll(async () => {
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a local system', () => {
  test('answers at every address of local.json, which only its owner may read', async () => {
    const file = layoutOf(system.data).localJson;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const local = JSON.parse(readFileSync(file, 'utf8')) as LocalSystem['config'];
    expect(local).toEqual(system.config);
    expect(await serves(local.temporal.address, local.temporal.namespace)).toBe(true);
    expect(await alive(local.ledger)).toBe(true);
    expect((await fetch(local.temporal.ui)).status).toBe(200);
    expect((await fetch(`${local.temporal.codec}/health`)).status).toBe(200);
    expect(local).not.toHaveProperty('only');
    for (const name of SYSTEM_NAMES) {
      const { url = '', control = '' } = local[name] ?? {};
      expect(new URL(url).origin).toBe(url);
      expect(await health(control)).toMatchObject({ system: name });
    }
  });

  test('its systems know each other and take what local.json says', async () => {
    const { exstream, fcm, otag } = system.config;
    const { tokenUrl = '', clientId = '', clientSecret = '' } = exstream ?? {};
    const login = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    const token = await fetch(tokenUrl, {
      method: 'POST',
      body: new URLSearchParams({ ...login, scope: 'otds:groups' }),
    });
    expect([token.status, clientSecret]).toEqual([200, system.config.otds.clientSecret]);
    const key = JSON.parse(readFileSync(fcm?.serviceAccountFile ?? '', 'utf8')) as Record<string, string>;
    expect([key['token_uri'], key['project_id']]).toEqual([`${fcm?.url}/token`, fcm?.project]);
    const bounds = await fetch(`${otag?.url}/deployments/notifications/${otag?.app}/seqBounds`, {
      headers: { otagAppKey: otag?.appKey ?? '' },
    });
    expect(bounds.status).toBe(200);
  });

  test('a stand-in keeps its state over a restart, and its credentials', async () => {
    const { cloudinary } = system.config;
    if (cloudinary === undefined) throw new Error('no Cloudinary');
    const { url, control, accountId, provisioningKey, provisioningSecret } = cloudinary;
    const act = { action: 'edit', user: 'ben.otto@northwind.example', set: { name: 'Ben O.' } };
    expect((await fetch(`${control}/act`, { method: 'POST', body: JSON.stringify(act) })).status).toBe(200);
    await system.restart('cloudinary');
    expect(existsSync(join(layoutOf(system.data).sandbox, 'cloudinary', 'cloudinary.json'))).toBe(true);
    const us = Buffer.from(`${provisioningKey}:${provisioningSecret}`).toString('base64');
    const users = await fetch(`${url}/v1_1/provisioning/accounts/${accountId}/users`, {
      headers: { authorization: `Basic ${us}` },
    });
    expect(await users.text()).toContain('Ben O.');
  });

  test('refuses a second start on its folder, and one elsewhere on its ports, with a sentence; neither disturbs it', async () => {
    await expect(startLocalSystem(options())).rejects.toThrow(/already runs on .* \(process \d+\).*--stop/);
    const elsewhere = { ...options(), data: join(folder, 'other') };
    await expect(startLocalSystem(elsewhere)).rejects.toThrow(
      new RegExp(`${base} \\(Temporal server\\).*in use.*--port-base`),
    );
    expect(await health(system.config.otds.control)).toMatchObject({ ready: true });
  });

  test('a part that is killed on purpose is gone, and restarts on its state', async () => {
    await system.kill('ledger', 'SIGKILL');
    expect(await alive(system.config.ledger)).toBe(false);
    await system.restart('ledger');
    expect(await alive(system.config.ledger)).toBe(true);
    expect(lost).toEqual([]);
  });

  test('a part that ends by itself is told of', async () => {
    const { iconik } = running();
    process.kill(iconik?.pid ?? 0, 'SIGKILL');
    while (lost.length === 0) await new Promise((done) => setImmediate(done));
    expect(lost).toEqual([['iconik', { code: null, signal: 'SIGKILL' }]]);
    await system.restart('iconik');
    expect(await health(system.config.iconik?.control ?? '')).toMatchObject({ system: 'iconik' });
  });

  test('stop leaves nothing running and nothing that says it does', async () => {
    const parts = running();
    expect(Object.keys(parts).sort()).toEqual(['codec', 'ledger', 'temporal', ...SYSTEM_NAMES].sort());
    await system.stop();
    expect(Object.values(parts).filter(isRunning)).toEqual([]);
    const layout = layoutOf(system.data);
    for (const file of [layout.lock, layout.processes, layout.localJson]) expect(existsSync(file)).toBe(false);
  });

  test('with a part of the systems runs no other, and its worker is told so', async () => {
    const part = await startLocalSystem({ ...options(), only: ['otds', 'iconik'] });
    try {
      expect(Object.keys(running()).sort()).toEqual(['codec', 'iconik', 'ledger', 'otds', 'temporal']);
      expect(part.config).toMatchObject({ only: ['otds', 'iconik'], iconik: { url: expect.any(String) as unknown } });
      expect(part.config).not.toHaveProperty('cloudinary');
      expect(part.env).toMatchObject({ TENURE_SYSTEMS: 'otds,iconik', ICONIK_URL: part.config.iconik?.url });
      expect(Object.keys(part.env).filter((name) => name.startsWith('CLOUDINARY'))).toEqual([]);
    } finally {
      await part.stop();
    }
  });

  test('a start of which one part fails says why and ends the others', async () => {
    const broken = { ...options(), data: join(folder, 'broken'), temporal: { requireServer: REQUIRED_SERVER } };
    mkdirSync(broken.data);
    writeFileSync(layoutOf(broken.data).temporalDb, 'no database');
    await expect(startLocalSystem(broken)).rejects.toThrow(
      /Temporal server ended with exit code 1.*\n.*not a database/s,
    );
    const { systems, ftp, ...own } = portsFrom(base);
    for (const port of [...Object.values(own), ...Object.values(systems).flatMap((two) => Object.values(two))])
      expect(await isFree(port)).toBe(true);
    expect(existsSync(layoutOf(broken.data).lock)).toBe(false);
  });
});
