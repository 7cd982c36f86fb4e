/** People come from LDAP (`directory: ldap`), access is given in OTDS (by SCIM) and iconik: the real wiring, a real slapd, stand-ins over HTTP. */
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import type { TenureConfig } from '../../src/config/types.ts';
import { createLogger } from '../../src/log.ts';
import { comparePass } from '../../src/provisioning/watch.ts';
import { profilesOf } from '../../src/workers/profiles.ts';
import { createSystems, type Systems } from '../../src/workers/systems.ts';
import type { Check } from '../../src/cli/checks.ts';
import { tenure } from '../cli/cli.ts';
import { findDaemon, withDaemon } from '../support/daemons.ts';
import { startLdapBench, type LdapBench } from '../support/ldapBench.ts';
import { groupsBase, PARTITIONS, peopleBase, personDn, READER } from '../support/ldapSeed.ts';
import { OTDS_CLIENT_SECRET } from '../support/otdsStandIn.ts';
import { testDir } from '../support/run.ts';
import { openSite, type Site } from '../support/site.ts';
import { until } from '../support/until.ts';
import { worldOn, type World } from '../support/world.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const EXAMPLE = fileURLToPath(new URL('../../config/tenure.yaml', import.meta.url));
const slapd = findDaemon('slapd');
const it = withDaemon(slapd);
const dn = (who: string) => personDn('openldap', who);
const mail = (login: string) => `${login}@northwind.example`;

let site: Site;
let bench: LdapBench;
let systems: Systems;
let surroundings: NodeJS.ProcessEnv;
let world: World<Pick<Site, 'deps' | 'close'>>;

/** The example configuration, with people from LDAP and OTDS written by SCIM. */
function configFor(ldap: LdapBench): { file: string; config: TenureConfig; env: NodeJS.ProcessEnv } {
  const block = {
    url: ldap.config.url,
    ca: 'env:LDAP_CA',
    user: READER.dn,
    password: 'env:LDAP_PASSWORD',
    partitions: PARTITIONS.map((name) => ({ name, base: peopleBase(name), groups: groupsBase(name) })),
    attributes: { startAt: 'nwStart', endAt: 'nwEnd' },
  };
  const file = join(testDir(), `tenure-${randomUUID()}.yaml`);
  const example = readFileSync(EXAMPLE, 'utf8');
  const byScim = `  otds:
    via: scim
    profile: { displayName: attributes.displayName, givenName: attributes.givenName, sn: attributes.sn, mail: email }`;
  const withLdap = example
    .replace('\n  otds:', `\n${byScim}`)
    .replace(/\ndirectory: otds.*/, '\ndirectory: ldap')
    .replace('\nsystems:\n', `\nsystems:\n${indented(stringify({ ldap: block }))}\n`);
  writeFileSync(file, withLdap);
  const env = {
    OTDS_URL: new URL(site.otds.config.url).origin,
    OTDS_CLIENT_ID: 'tenure',
    OTDS_CLIENT_SECRET,
    ICONIK_URL: site.iconik.config.url,
    ICONIK_APP_ID: site.iconik.config.appId,
    ICONIK_AUTH_TOKEN: site.iconik.token,
    LDAP_CA: ldap.server.ca,
    LDAP_PASSWORD: READER.password,
    TENURE_OTDS_PER_SECOND: '5000',
    TENURE_SYSTEMS: 'otds,iconik,ldap',
  };
  return { file, config: loadConfig(file, { env }), env };
}
const indented = (text: string) => text.replace(/^(?=.)/gm, '  ');

beforeAll(async () => {
  if ('missing' in slapd) return;
  site = await openSite();
  bench = await startLdapBench(slapd);
  const { file, config, env } = configFor(bench);
  surroundings = { ...env, TENURE_CONFIG: file };
  systems = createSystems(config, env, createLogger({ level: 'silent' }));
  const { directory, targets } = systems;
  const deps = { ...site.deps, directory, targets, profiles: profilesOf(config) };
  world = await worldOn({ deps, close: () => site.close() });
});
beforeEach(() => site?.freshQuota());
afterAll(async () => {
  await world?.close();
  await systems?.close();
  await bench?.close();
});

const run = async (type: string, person: string) => await world.result(await world.start(type, { person }));
const oneOnIconik = async (login: string) => (await site.onIconik(mail(login)))[0];

it('the configuration selects it, and it is no target', async () => {
  expect(systems.directory.system).toBe('ldap');
  expect(Object.keys(systems.targets).sort()).toEqual(['iconik', 'otds']);
});

it('doctor tells of it beside the targets', async () => {
  const looked = await tenure(surroundings, 'doctor', '--json');
  const { checks } = JSON.parse(looked.out) as { checks: Check[] }; // doctor's own report
  expect(checks.find(({ name }) => name === 'ldap')).toMatchObject({
    state: 'ok',
    details: expect.arrayContaining(['people are read from it']),
    capabilities: { encrypted: true, paging: true, 'changesBy entryCSN': true },
  });
});

it('a joiner known to LDAP gets an account in iconik, and groups in OTDS on the account found by login', async () => {
  const inLdap = await systems.directory.person('priya.nair@staff', { signal: new AbortController().signal });
  const inOtds = await site.inOtds('priya.nair@staff');
  expect(inLdap?.uuid).not.toBe(inOtds.uuid);
  expect(await run('onboarding', 'priya.nair@staff')).toMatchObject({ outcome: 'done' });
  expect(await oneOnIconik('priya.nair')).toMatchObject({ status: 'ACTIVE', roles: ['Reviewer'] });
  expect(await site.inOtds('priya.nair@staff')).toMatchObject({
    disabled: false,
    groups: expect.arrayContaining(['Media Library Users@staff']),
    accessRoles: ['Access to Media Portal'],
  });
  const links = await site.sql(`select target, native_id, how from tenure.link where person = $1`, [inLdap?.uuid]);
  expect(links).toContainEqual({ target: 'otds', native_id: inOtds.uuid, how: 'login' });
});

it('a joiner whom only LDAP knows is created in OTDS, by SCIM, with what the configuration maps', async () => {
  await bench.hire('nina.new@staff', { displayName: 'Nina New', mail: mail('nina.new') });
  await bench.join('Marketing Editors@staff', dn('nina.new@staff'));
  expect(await run('onboarding', 'nina.new@staff')).toMatchObject({ outcome: 'done' });
  expect(await site.inOtds('nina.new@staff')).toMatchObject({
    disabled: false,
    groups: ['Media Library Users@staff'],
    accessRoles: ['Access to Media Portal'],
  });
  expect(await site.otds.person('nina.new@staff')).toMatchObject({
    fields: { email: mail('nina.new') },
    attributes: { displayName: 'Nina New' },
  });
  expect(await oneOnIconik('nina.new')).toMatchObject({ status: 'ACTIVE' });
});

it('a mover by a group of LDAP gains the new access', async () => {
  expect(await run('onboarding', 'lucas.moreau@staff')).toMatchObject({ outcome: 'done' });
  await bench.leave('Marketing Editors@staff', dn('lucas.moreau@staff'));
  await bench.join('Legal Review@staff', dn('lucas.moreau@staff'));
  // The run stays for the grace of what was lost.
  const handle = await world.start('roleChange', { person: 'lucas.moreau@staff' });
  await until('the new role', async () => (await oneOnIconik('lucas.moreau'))?.roles.includes('Approver'));
  await handle.terminate();
});

it('whoever LDAP disables is a leaver everywhere, OTDS included; no pair of LDAP itself waits for a proof', async () => {
  expect(await run('onboarding', 'emily.carter@staff')).toMatchObject({ outcome: 'done' });
  await bench.set(dn('emily.carter@staff'), { pwdAccountLockedTime: '000001010000Z' });
  const attempt = site.attempt();
  const deps = world.rig.deps;
  const pass = await comparePass(deps, attempt, async () => false);
  expect(pass.start).toContainEqual(expect.objectContaining({ person: 'emily.carter@staff', type: 'offboarding' }));
  const handle = await world.start('offboarding', { person: 'emily.carter@staff', fromDirectory: true });
  await until('both accounts to be closed', async () => {
    const there = await site.inOtds('emily.carter@staff');
    const closed = there.disabled && there.accessRoles.length === 0;
    return closed && (await oneOnIconik('emily.carter'))?.status === 'INACTIVE';
  });
  await handle.terminate(); // it stays for the re-check
  expect(await site.sql(`select distinct target from tenure.pair order by target`)).toEqual([
    { target: 'iconik' },
    { target: 'otds' },
  ]);
});

it('whoever is gone from LDAP is a leaver of the next pass, and a scan that breaks makes none', async () => {
  expect(await run('onboarding', 'yuki.tanaka@staff')).toMatchObject({ outcome: 'done' });
  await bench.remove(dn('yuki.tanaka@staff'));
  const leavers = async () => {
    const pass = await comparePass(world.rig.deps, site.attempt(), async () => false);
    return pass.start.filter(({ type }) => type === 'offboarding').map(({ person }) => person);
  };
  bench.proxy.after(20_000, 'cut');
  await expect(leavers()).rejects.toMatchObject({ system: 'ldap', retryable: true });
  bench.proxy.heal();
  expect(await leavers()).toContain('yuki.tanaka@staff');
});
