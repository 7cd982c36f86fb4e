import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCodec } from '../../src/workers/codec.ts';
import { createCodecServer } from '../../src/workers/codecServer.ts';
import type { Check } from '../../src/cli/checks.ts';
import { startIconikBench, unusedUrl } from '../support/iconikStandIn.ts';
import type { IconikBench } from '../support/iconikStandIn.ts';
import { OTDS_PASSWORD, startOtdsBench } from '../support/otdsStandIn.ts';
import type { OtdsBench } from '../support/otdsStandIn.ts';
import { freshDatabase, temporalServer } from '../support/server.ts';
import type { FreshDatabase } from '../support/server.ts';
import { tenure } from './cli.ts';

let otds: OtdsBench;
let iconik: IconikBench;
let ledger: FreshDatabase;
let codec: Server;
let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  const key = new Uint8Array(randomBytes(32));
  const [temporal] = await Promise.all([
    temporalServer(),
    startOtdsBench().then((bench) => (otds = bench)),
    startIconikBench().then((bench) => (iconik = bench)),
    freshDatabase().then((database) => (ledger = database)),
  ]);
  codec = createCodecServer({ codec: createCodec({ current: { id: 'k1', key }, old: [] }), origins: [] }).listen(
    0,
    '127.0.0.1',
  );
  await once(codec, 'listening');
  const address = codec.address();
  folder = mkdtempSync(join(tmpdir(), 'tenure-doctor-'));
  const config = readFileSync('config/tenure.yaml', 'utf8')
    .replace('policyFile: policy.yaml', `policyFile: ${resolve('config/policy.yaml')}`)
    .replace(/fallbackTeam: \S.*/, 'fallbackTeam: Contractors');
  writeFileSync(join(folder, 'tenure.yaml'), config);
  env = {
    TENURE_CONFIG: join(folder, 'tenure.yaml'),
    DATABASE_URL: ledger.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_CODEC_ENDPOINT: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    TENURE_CODEC_KEY: Buffer.from(key).toString('base64'),
    OTDS_URL: new URL(otds.config.url).origin,
    OTDS_USER: 'otadmin@otds.admin',
    OTDS_PASSWORD,
    ICONIK_URL: iconik.config.url,
    ICONIK_APP_ID: iconik.config.appId,
    ICONIK_AUTH_TOKEN: iconik.token,
    TENURE_SYSTEMS: 'otds,iconik',
    TENURE_ICONIK_PER_SECOND: '5000',
    TENURE_OTDS_PER_SECOND: '5000',
  };
});

afterAll(async () => {
  codec.closeAllConnections();
  codec.close();
  await Promise.all([otds.close(), iconik.close(), ledger.drop()]);
  rmSync(folder, { recursive: true });
});

async function doctor(
  more: NodeJS.ProcessEnv = {},
): Promise<{ code: number; checks: Record<string, Check>; text: string }> {
  const { code, out, err } = await tenure({ ...env, ...more }, 'doctor', '--json');
  if (out === '') throw new Error(err);
  const { checks } = JSON.parse(out) as { checks: Check[] };
  return { code, checks: Object.fromEntries(checks.map((one) => [one.name, one])), text: out };
}

describe('tenure doctor', () => {
  test('finds everything in order but the workers, which do not run here', async () => {
    const { code, checks } = await doctor();
    const states = Object.fromEntries(Object.values(checks).map((one) => [one.name, one.state]));
    expect(states).toEqual({
      config: 'ok',
      policy: 'ok',
      ledger: 'ok',
      temporal: 'ok',
      workers: 'wrong',
      watch: 'note',
      codec: 'ok',
      otds: 'ok',
      iconik: 'ok',
    });
    expect(code).toBe(1);
    expect(checks['workers']?.details).toEqual([
      'No worker serves the queues tenure, otds, ledger, iconik: start one (npm run worker -- --queues tenure,otds,ledger,iconik).',
    ]);
    expect(checks['temporal']?.version).toMatch(/^1\.\d+/);
    expect(checks['ledger']).toMatchObject({
      version: expect.stringMatching(/^PostgreSQL 1/),
      clockSkewMs: expect.any(Number),
    });
    expect(checks['otds']?.capabilities).toMatchObject({ groupMembers: true });
  });

  test('as a table ends with what is wrong', async () => {
    const { out, code } = await tenure(env, 'doctor');
    expect(code).toBe(1);
    expect(out).toMatch(/^WHAT {2,}STATE {2,}VERSION/);
    expect(out).toMatch(/\nWrong: workers\.\n$/);
  });

  test.each([
    ['otds', 'wrong credentials', { OTDS_PASSWORD: 'wrong-password' }, /refuses the login/],
    ['iconik', 'wrong credentials', { ICONIK_AUTH_TOKEN: 'wrong-token-000' }, /\./],
    [
      'ledger',
      'nobody there',
      { DATABASE_URL: 'postgres://u:hunter22@127.0.0.1:9/x' },
      /^The ledger \(PostgreSQL\) does not answer.*DATABASE_URL is right\.$/,
    ],
    ['temporal', 'nobody there', { TEMPORAL_ADDRESS: '127.0.0.1:9' }, /^No Temporal server answers at 127\.0\.0\.1:9/],
    ['codec', 'nobody there', { TEMPORAL_CODEC_ENDPOINT: 'http://127.0.0.1:9' }, /does not answer as one/],
    [
      'codec',
      'another key',
      { TENURE_CODEC_KEY: Buffer.alloc(32, 1).toString('base64') },
      /has another key than TENURE_CODEC_KEY\.$/,
    ],
    ['config', 'a secret missing', { ICONIK_AUTH_TOKEN: '' }, /ICONIK_AUTH_TOKEN is not set/],
  ])('%s, %s: wrong, with a sentence and no secret', async (name, _, more, sentence) => {
    const { code, checks, text } = await doctor(more);
    expect(code).toBe(1);
    expect(checks[name]?.state).toBe('wrong');
    expect(checks[name]?.details.join(' ')).toMatch(sentence);
    for (const secret of [
      OTDS_PASSWORD,
      'wrong-password',
      'wrong-token-000',
      'hunter22',
      iconik.token,
      env['TENURE_CODEC_KEY'] ?? 'x',
    ])
      expect(text).not.toContain(secret);
  });

  test('a system that is down is wrong; the others are still looked at', async () => {
    const { checks } = await doctor({ OTDS_URL: await unusedUrl() });
    expect(checks['otds']?.state).toBe('wrong');
    expect(checks['iconik']?.state).toBe('ok');
  });

  test('a database that is no ledger says so', async () => {
    const empty = await freshDatabase({ migrated: false });
    const { checks } = await doctor({ DATABASE_URL: empty.url });
    expect(checks['ledger']).toMatchObject({ state: 'wrong', details: [expect.stringContaining('has no ledger yet')] });
    await empty.drop();
  });
});

describe('tenure policy check', () => {
  test('with the directory in reach refuses a group that it does not have', async () => {
    const file = join(folder, 'policy.yaml');
    writeFileSync(
      file,
      readFileSync('config/policy.yaml', 'utf8').replace('Marketing Editors@staff', 'Marketing Editor@staff'),
    );
    const { code, json } = await tenure(env, 'policy', 'check', file, '--json');
    expect(code).toBe(1);
    expect(json()).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([expect.objectContaining({ suggestion: 'Marketing Editors@staff' })]),
    });
    expect((await tenure(env, 'policy', 'check', file, '--offline')).code).toBe(0);
  });

  test('the worked example fits the stand-in', async () => {
    const { code, out } = await tenure(env, 'policy', 'check', '--json');
    expect({ code, ...(JSON.parse(out) as object) }).toMatchObject({ code: 0, ok: true, groups: expect.any(Number) });
  });
});

describe('tenure plan', () => {
  const writes = async () =>
    (await otds.requests()).filter((row) => row.writes.length > 0).length + (await iconik.writes()).length;

  test('tells what would change and why, and changes nothing', async () => {
    await writes();
    const { code, json } = await tenure(env, 'plan', 'ada.byrne@staff', '--json');
    expect(code).toBe(0);
    expect(json()).toMatchObject({
      person: 'ada.byrne@staff',
      standing: 'active',
      newest: 0,
      targets: [
        { target: 'otds', mode: 'enforce' },
        {
          target: 'iconik',
          changes: expect.arrayContaining([{ op: 'grant', entitlement: 'iconik:team/Marketing' }]),
          why: { 'grant iconik:team/Marketing': expect.stringMatching(/^rule /) },
        },
      ],
    });
    expect(await writes()).toBe(0);
    expect((await tenure(env, 'plan', 'ada.byrne@staff')).out).toMatch(/grant iconik:team\/Marketing +rule /);
  });

  test('of a leaver names the reason; of what needs approval, that it waits', async () => {
    const { out } = await tenure(env, 'plan', 'tom.weber@staff');
    expect(out).toMatch(/^tom\.weber@staff: leaver: /);
    expect(out).toMatch(/revoke iconik:team\/Post Production +The directory says/);
    expect((await tenure(env, 'plan', 'dmitri.volkov@staff')).out).toMatch(
      /iconik:roles\/Media Library Admin +approval \(rule media-library-admin\)/,
    );
  });

  test('of nobody is a sentence', async () => {
    expect(await tenure(env, 'plan', 'nobody@staff')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^The field "person" names nobody@staff, whom the directory does not have\./),
    });
  });
});
