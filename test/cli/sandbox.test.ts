import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { tenure } from './cli.ts';

const script = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of cleanUp.splice(0)) await one();
});

/** `tenure sandbox …` as a program, read until its last line of welcome. */
async function start(...args: string[]) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, 'sandbox', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  cleanUp.push(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  let out = '';
  for await (const line of createInterface({ input: child.stdout })) {
    out += `${line}\n`;
    if (line.includes('Ctrl-C')) break;
  }
  const value = (key: string): string => new RegExp(`^ {2}${key} +(\\S+)$`, 'm').exec(out)?.[1] ?? '';
  const end = async (signal: NodeJS.Signals): Promise<unknown> => {
    child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  };
  return { out, value, end };
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'tenure-sandbox-'));
  cleanUp.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe('tenure sandbox', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'runs one alone until %s, then it is gone and the exit code 0',
    async (signal) => {
      const { value, end } = await start('cloudinary', '--port', '0', '--api-secret', 'mine');
      const [url, control] = [value('address'), value('control')];
      expect(value('apiSecret')).toBe('mine');
      const us = Buffer.from(`${value('provisioningKey')}:${value('provisioningSecret')}`).toString('base64');
      const groups = `${url}/v1_1/provisioning/accounts/${value('accountId')}/user_groups`;
      expect((await fetch(groups, { headers: { authorization: `Basic ${us}` } })).status).toBe(200);
      expect(await (await fetch(`${control}/health`)).json()).toMatchObject({ system: 'cloudinary' });
      expect(await end(signal)).toBe(0);
      await expect(fetch(url)).rejects.toThrow();
    },
  );

  test('prints a first request that works, and keeps the state where it is told to', async () => {
    const data = folder();
    const { out, value, end } = await start('otag', '--port', '0', '--strict', '--data', data);
    expect(value('state')).toBe(data);
    const [, header = '', url = ''] = /curl -s -H 'otagAppKey: (\S+)' (\S+)/.exec(out) ?? [];
    expect((await fetch(url, { headers: { otagAppKey: header } })).status).toBe(200);
    expect(await end('SIGTERM')).toBe(0);
    const kept = JSON.parse(readFileSync(join(data, 'otag.json'), 'utf8')) as { ledger: unknown[] };
    expect(kept.ledger).toHaveLength(1);
  });

  test('asking another OTDS, Exstream is reached with that one’s client', async () => {
    const { value, end } = await start('exstream', '--port', '0', '--otds', 'http://127.0.0.1:9');
    expect(value('clientSecret')).toBe('otds-sandbox-secret');
    await end('SIGTERM');
  });

  test('without a name lists them', async () => {
    const { code, out } = await tenure({}, 'sandbox');
    expect(code).toBe(0);
    expect(out).toMatch(/^cloudinary +21030 +21031 +Cloudinary stand-in$/m);
    expect(JSON.parse((await tenure({}, 'sandbox', '--json')).out)).toMatchObject({
      standIns: expect.arrayContaining([expect.objectContaining({ name: 'otds', port: 21_010 })]) as unknown,
    });
  });

  test('an unknown name, a port in use and a wrong port are a sentence', async () => {
    expect(await tenure({}, 'sandbox', 'clodinary')).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^There is no stand-in "clodinary" \(did you mean cloudinary\?\); there are: /,
      ) as unknown,
    });
    const taken = createServer().listen(0, '127.0.0.1');
    cleanUp.push(() => taken.close());
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(await tenure({}, 'sandbox', 'fcm', '--port', String(port))).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        new RegExp(`^Port ${port} on 127.0.0.1, which the FCM stand-in wants, is in use.*--port N`),
      ) as unknown,
    });
    expect((await tenure({}, 'sandbox', 'fcm', '--port', 'x')).code).toBe(2);
  });

  test('an argument that the stand-in does not know ends it with a sentence', async () => {
    const { code, err } = await tenure({}, 'sandbox', 'otag', '--port', '0', '--nothing');
    expect(code).toBe(1);
    expect(err).toMatch(/^The AppWorks Gateway stand-in ended with exit code 1 before it served/);
  });
});
