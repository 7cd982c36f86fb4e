/** `docs/adding-a-system.md`, tried: a sixth system is a folder (`badge/`) and a block, and passes the suite; nothing else of Tenure is touched. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startStandIn, type StandIn } from '../../sandbox/common/standIn.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/log.ts';
import { PolicyHolder } from '../../src/policy/holder.ts';
import { readPolicy } from '../../src/policy/read.ts';
import { allSystems } from '../../src/systems/all.ts';
import { createSystems, type Systems } from '../../src/workers/systems.ts';
import { profilesOf } from '../../src/workers/profiles.ts';
import { conformance } from '../conformance/suite.ts';
import { person } from '../support/fakes.ts';
import { openRig, type Rig } from '../support/rig.ts';
import { badgeSystem } from './badge/system.ts';
import { badgeTraits, openBadge } from './bench.ts';
import { badgeStandIn, KEY, type Badge } from './standIn.ts';

conformance(badgeTraits, openBadge);

const modules = [...allSystems, badgeSystem];
const vocabulary = Object.fromEntries(modules.map(({ name, vocabulary: words }) => [name, words]));
const POLICY = `version: 1
managed: [ "badge:door/*" ]
accounts: { badge: { whenUnused: disable } }
rules:
  - { name: cutters, when: '"Cutters@staff" in person.groups', grant: [ badge:door/Cutting Room ] }
`;

describe('a joiner and a leaver on the new system, by configuration and policy alone', () => {
  let folder: string;
  let standIn: StandIn;
  let systems: Systems;
  let rig: Rig;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tenure-badge-'));
    standIn = await startStandIn(badgeStandIn, { port: 0, controlPort: 0 });
    const block = `  badge: { url: ${standIn.url}, mode: enforce, key: env:BADGE_KEY }\n`;
    const otds = '  otds: { url: http://127.0.0.1:1, user: u, password: env:BADGE_KEY, partitions: [ staff ] }\n';
    writeFileSync(join(folder, 'tenure.yaml'), `version: 1\nsystems:\n${otds}${block}`);
    writeFileSync(join(folder, 'policy.yaml'), POLICY);
    const env = { BADGE_KEY: KEY };
    const config = loadConfig(join(folder, 'tenure.yaml'), { env, systems: modules });
    systems = createSystems(config, env, createLogger({ level: 'silent' }), modules);
    const { badge } = systems.targets;
    if (!badge) throw new Error('The new system is no target.');
    const holder = new PolicyHolder({ file: config.policyFile, catalogue: { systems: vocabulary } });
    rig = await openRig();
    Object.assign(rig.deps, { targets: { badge }, policy: () => holder.current(), profiles: profilesOf(config) });
  });
  afterAll(async () => {
    await Promise.all([systems.close(), rig.close(), standIn.close()]);
    rmSync(folder, { recursive: true });
  });

  const badgeOf = async (uuid: string): Promise<Badge | undefined> => {
    const state = (await (await fetch(`${standIn.control}/state`)).json()) as { badges: Record<string, Badge> };
    return state.badges[uuid];
  };

  test('access is given, proved, and taken', async () => {
    const nina = person('nina@staff', { groups: ['Cutters@staff'], attributes: { displayName: 'Nina New' } });
    rig.directory.set(nina);
    await rig.resolve('nina@staff');
    expect(await rig.converge('nina@staff', 'badge')).toMatchObject({ state: 'proved' });
    expect(await badgeOf(nina.uuid)).toMatchObject({ active: true, name: 'Nina New', doors: ['Cutting Room'] });
    rig.directory.change('nina@staff', { state: 'disabled' });
    await rig.resolve('nina@staff');
    expect(await rig.converge('nina@staff', 'badge')).toMatchObject({ state: 'proved' });
    expect(await badgeOf(nina.uuid)).toMatchObject({ active: false, doors: [] });
  });

  test('mistakes about it are told like those about any other', () => {
    const read = readPolicy(POLICY.replaceAll('badge:door/Cutting Room', 'badge:dor/Cutting Room'), 'policy.yaml', {
      systems: vocabulary,
    });
    expect(read).toMatchObject({
      problems: [{ message: expect.stringContaining('badge has no "dor"'), suggestion: 'badge:door/Cutting Room' }],
    });
  });
});
