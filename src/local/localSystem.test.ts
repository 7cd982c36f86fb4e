import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Client } from 'basic-ftp';
import { findDaemon, withDaemon } from '../../test/support/daemons.ts';
import { readEnv } from '../config/env.ts';
import { alive } from '../ledger/embedded.ts';
import { createLedger } from '../ledger/index.ts';
import type { Ended } from './child.ts';
import { layoutOf } from './files.ts';
import { startLocalSystem, type LocalSystem } from './localSystem.ts';
import { freePortBase, isFree, portsFrom } from './ports.ts';
import { registerPhones } from './phones.ts';
import { isRunning, type ProcessId } from './processes.ts';
import { localSecrets } from './secrets.ts';
import { REQUIRED_SERVER } from './temporalVersion.ts';
import { LOCAL_NAMES, SYSTEM_NAMES } from './systems.ts';
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

type Ftp = NonNullable<LocalSystem['config']['ftp']>;

/** A partner's list, fetched as the partner would. */
async function partnerList({ host, user, password, ca, folder: lists }: Ftp, name: string, secure = true) {
  const client = new Client(10_000);
  const [address = '', port] = host.split(':');
  const pieces: Buffer[] = [];
  try {
    const secureOptions = { ca: readFileSync(ca) };
    await client.access({ host: address, port: Number(port), user, password, secure, secureOptions });
    await client.downloadTo(
      new PassThrough().on('data', (piece: Buffer) => void pieces.push(piece)),
      `${lists}/${name}`,
    );
  } finally {
    client.close();
  }
  return Buffer.concat(pieces).toString('utf8');
}

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

  withDaemon(findDaemon('proftpd'))(
    'partners’ lists lie on a real FTP server, over TLS alone, and stay as they are over a restart',
    async () => {
      expect(system.config).not.toHaveProperty('only');
      const { ftp } = system.config;
      if (ftp === undefined) throw new Error('no FTP server');
      expect(system.env).toMatchObject({
        FTP_HOST: ftp.host,
        FTP_USER: ftp.user,
        FTP_CA: ftp.ca,
        FTP_FOLDER: ftp.folder,
      });
      expect(statSync(layoutOf(system.data).ftp).mode & 0o777).toBe(0o700);
      expect(await partnerList(ftp, 'printco.csv')).toMatch(/^user,note\nrosa\.print@partners,posters\n/);
      writeFileSync(join(ftp.folder, 'acme.csv'), 'user,mail,note\n');
      await system.restart('ftp');
      expect(await partnerList(ftp, 'acme.csv')).toBe('user,mail,note\n');
      await expect(partnerList(ftp, 'acme.csv', false)).rejects.toThrow(/SSL\/TLS required/);
    },
  );

  test('phones of people in staff are registered once: what is forgotten stays forgotten', async () => {
    const { ledger: url } = system.config;
    const secrets = localSecrets(layoutOf(system.data).secrets);
    const ledger = createLedger({ url, poolSize: 2, sealKeys: readEnv({ ...secrets }).codec });
    try {
      const holders = await ledger.devices.holders(undefined, 100);
      // Thirty-nine in staff: without the one who has left.
      expect(holders).toHaveLength(38);
      const [first] = holders;
      const live = await ledger.devices.tokensOf(first?.person ?? '', 'fcm');
      const phones = await (await fetch(`${system.config.fcm?.control}/state/phones`)).json();
      expect(Object.keys(phones as object)).toContain(live[0]?.token);
      await ledger.devices.forget(first?.person ?? '');
      await registerPhones(layoutOf(system.data).phones, system.config, secrets);
      expect(await ledger.devices.devicesOf(first?.person ?? '')).toEqual([]);
    } finally {
      await ledger.close();
    }
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
    const names = LOCAL_NAMES.filter((name) => name !== 'ftp' || system.config.ftp !== undefined);
    expect(Object.keys(parts).sort()).toEqual(['codec', 'ledger', 'temporal', ...names].sort());
    await system.stop();
    expect(Object.values(parts).filter(isRunning)).toEqual([]);
    const layout = layoutOf(system.data);
    for (const file of [layout.lock, layout.processes, layout.localJson]) expect(existsSync(file)).toBe(false);
  });

  test('with a part of the systems runs no other, and goes without the FTP server where there is none; its worker is told so', async () => {
    const said: string[] = [];
    const missing = { missing: 'There is no proftpd on this machine.' };
    const say = (line: string): void => void said.push(line);
    const part = await startLocalSystem({ ...options(), only: ['otds', 'iconik', 'ftp'], proftpd: missing, say });
    try {
      expect(said).toContainEqual(
        expect.stringMatching(/^Going without the partners' file server.*no proftpd on this/),
      );
      expect(Object.keys(running()).sort()).toEqual(['codec', 'iconik', 'ledger', 'otds', 'temporal']);
      expect(part.config).toMatchObject({ only: ['otds', 'iconik'], iconik: { url: expect.any(String) as unknown } });
      expect(part.config).not.toHaveProperty('cloudinary');
      expect(part.config).not.toHaveProperty('ftp');
      expect(part.env).toMatchObject({ TENURE_SYSTEMS: 'otds,iconik', ICONIK_URL: part.config.iconik?.url });
      expect(Object.keys(part.env).filter((name) => /^(CLOUDINARY|FTP)/.test(name))).toEqual([]);
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
    const ofSystems = Object.values(systems).flatMap((two) => Object.values(two));
    for (const port of [...Object.values(own), ...ofSystems, ftp?.control ?? 0]) expect(await isFree(port)).toBe(true);
    expect(existsSync(layoutOf(broken.data).lock)).toBe(false);
  });
});
