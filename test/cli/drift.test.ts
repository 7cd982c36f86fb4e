import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startIconikBench, type IconikBench } from '../support/iconikStandIn.ts';
import { desired, openBench, somebody, store, target, type Bench } from '../support/ledger.ts';
import { OTDS_PASSWORD, startOtdsBench, type OtdsBench } from '../support/otdsStandIn.ts';
import { tenure } from './cli.ts';

let otds: OtdsBench;
let iconik: IconikBench;
let bench: Bench;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  [otds, iconik, bench] = await Promise.all([startOtdsBench(), startIconikBench(), openBench()]);
  env = {
    DATABASE_URL: bench.url,
    OTDS_URL: new URL(otds.config.url).origin,
    OTDS_USER: 'otadmin@otds.admin',
    OTDS_PASSWORD,
    ICONIK_URL: iconik.config.url,
    ICONIK_APP_ID: iconik.config.appId,
    ICONIK_AUTH_TOKEN: iconik.token,
    TENURE_SYSTEMS: 'otds,iconik',
  };
  const ada = somebody();
  const said = desired(ada, { iconik: target(['iconik:team/Marketing']) });
  await store(bench.a, ada, { ...said, person: { ...said.person, fields: { email: 'ada.byrne@northwind.example' } } });
});
afterAll(async () => {
  await Promise.all([otds.close(), iconik.close(), bench.close()]);
});

test('drift tells by kind what differs, and is code 1 then', async () => {
  const { code, out } = await tenure(env, 'drift', '--target', 'iconik');
  expect(code).toBe(1);
  expect(out).toMatch(/^iconik: 16 accounts, 1 people\n/);
  expect(out).toMatch(
    /Due, and not there \(1\)\n.*\n.*ada\.byrne@staff\s+ada\.byrne@northwind\.example\s+iconik:team\/Marketing/,
  );
  expect(out).toMatch(/Accounts of nobody whom Tenure knows \(14\)/);
  const { json } = await tenure(env, 'drift', '--target', 'iconik', '--json');
  expect(json()).toMatchObject({ targets: [{ target: 'iconik', accounts: 16, findings: { missing: 1, orphan: 14 } }] });
});

test('adopt proposes, and keeps links only when somebody says so by name', async () => {
  const { code, out } = await tenure(env, 'adopt', 'iconik');
  expect(code).toBe(0);
  expect(out).toMatch(/ada\.byrne@staff\s+ada\.byrne@northwind\.example\s+email/);
  expect(out).toContain('Nothing was kept');
  expect(await tenure(env, 'adopt', 'iconik', '--save')).toMatchObject({
    code: 1,
    err: expect.stringContaining('--by login@partition'),
  });
  const saved = await tenure(env, 'adopt', 'iconik', '--save', '--by', 'grace.lee@staff');
  expect(saved).toMatchObject({ code: 0, out: expect.stringContaining('1 links kept') });
  expect((await tenure(env, 'adopt', 'iconik')).out).toContain('Nothing to adopt.');
  const [row] = await bench.a.pairs({ target: 'iconik', limit: 1 });
  expect(row?.link).toMatchObject({ how: 'adopted', by: 'grace.lee@staff' });
});

test('a system that is not configured is a sentence', async () => {
  const { code, err } = await tenure(env, 'drift', '--target', 'iconk');
  expect(code).toBe(1);
  expect(err).toContain('There is no system iconk; configured: otds, iconik. Did you mean iconik?');
});
