/** FT2 of the use cases, the target part: the published list has exactly whom the directory approves, over real FTPS, ledger, engine and workflows. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { createLedger } from '../../src/ledger/index.ts';
import { converge } from '../../src/provisioning/converge.ts';
import { drift } from '../../src/provisioning/drift.ts';
import type { EngineDeps } from '../../src/provisioning/engine.ts';
import { resolve } from '../../src/provisioning/resolve.ts';
import { openFtp } from '../../src/systems/ftp/ftpFiles.ts';
import { findDaemon } from '../support/daemons.ts';
import { person } from '../support/fakes.ts';
import { openPartners, SEED, type Partners } from '../support/ftpPartners.ts';
import { PASSWORD, USER } from '../support/ftpServers.ts';
import { openRig, type Rig } from '../support/rig.ts';
import { freshDatabase } from '../support/server.ts';
import { advance, worldOn, type World } from '../support/world.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const proftpd = findDaemon('proftpd');
const RULES = [
  { name: 'acme-access', group: 'Acme Partners@partners', grant: ['ftp:list/acme'] },
  { name: 'globex-access', group: 'Globex Partners@partners', grant: ['ftp:list/globex'] },
  { name: 'unknown-partner', group: 'Initech Partners@partners', grant: ['ftp:list/initech'] },
];
const IVY = 'ivy@acme@partners';

const suite = 'missing' in proftpd ? describe.skip : describe;
const reason = 'missing' in proftpd ? ` (skipped: ${proftpd.missing})` : '';

suite(`FT2: partner access lists${reason}`, () => {
  let partners: Partners;
  let rig: Rig;
  let url: string;
  let fakes: EngineDeps['targets'];
  let world: World<Rig>;
  beforeAll(async () => {
    if ('missing' in proftpd) return;
    partners = await openPartners(proftpd);
    ({ url } = await freshDatabase());
    const policy = { managed: { managed: ['ftp:list/*'], protected: [] } };
    const bare = await openRig({ url, systems: ['otds', 'ftp'], rules: RULES, policy });
    fakes = bare.deps.targets;
    rig = { ...bare, deps: { ...bare.deps, ...ftpDeps() } };
    world = await worldOn(rig);
  });
  beforeEach(() => partners.reset());
  afterAll(async () => {
    await world?.close();
    await partners?.close();
  });

  /** A worker's own: nothing is shared with another but the ledger and the server. Explicit TLS where `tls`. */
  function ftpDeps(tls = false): Pick<EngineDeps, 'targets' | 'profiles'> {
    const secure = {
      protocol: 'ftps',
      host: `127.0.0.1:${partners.server.ports.ftp}`,
      ca: `file:${partners.server.ca}`,
    };
    const config = partners.config(tls ? secure : {});
    const secrets = (ref: string): string => (ref.startsWith('file:') ? readFileSync(ref.slice(5), 'utf8') : PASSWORD);
    const target = partners.target(config, { secret: secrets });
    return {
      targets: { ...fakes, ftp: { target, mode: 'enforce' } },
      profiles: ({ who }) => ({ ftp: { id: who } }),
    };
  }
  const member = (who: string, ...groups: string[]) =>
    person(who, {
      type: 'partner',
      groups,
      fields: { email: `${who.split('@')[0]}@partner.example`, displayName: who },
    });
  const settle = async (who: string, deps: EngineDeps = rig.deps) => {
    const { person: ref } = await resolve(deps, who, undefined, rig.attempt());
    return await converge(deps, { person: ref, target: 'ftp', mode: 'apply' }, rig.attempt());
  };

  test('approved people are on the list of their partner alone; somebody dropped is off it, proved by reading it back', async () => {
    rig.directory.set(member(IVY, 'Acme Partners@partners'), member('noa@partners'));
    expect(await settle(IVY)).toMatchObject({ state: 'proved', applied: ['grant ftp:list/acme'] });
    expect(await settle('noa@partners')).toMatchObject({ applied: [] });
    expect(partners.names('acme')).toEqual(['old.hand@acme', IVY]);
    expect(partners.text('globex')).toBe(SEED.globex);
    expect(await settle(IVY)).toMatchObject({ state: 'proved', applied: [] });

    rig.directory.change(IVY, { groups: ['Globex Partners@partners'] });
    expect(await settle(IVY)).toMatchObject({
      state: 'proved',
      applied: ['grant ftp:list/globex', 'revoke ftp:list/acme'],
    });
    expect(partners.text('acme')).toBe(SEED.acme);
    expect(partners.names('globex')).toEqual(['boss@globex', IVY]);
  });

  test('workflows: onboarding puts somebody on the list, offboarding takes them off', async () => {
    rig.directory.set(member('uma@partners', 'Acme Partners@partners', 'Globex Partners@partners'));
    const onboarding = await world.start('onboarding', { person: 'uma@partners' });
    expect(await world.result(onboarding)).toMatchObject({
      outcome: 'done',
    });
    expect([partners.names('acme'), partners.names('globex')]).toEqual([
      ['old.hand@acme', 'uma@partners'],
      ['boss@globex', 'uma@partners'],
    ]);
    rig.directory.change('uma@partners', { state: 'disabled' });
    const offboarding = await world.start('offboarding', { person: 'uma@partners' });
    await world.when(offboarding, 'the last check', (status) => status.stage === 'last check');
    expect([partners.text('acme'), partners.text('globex')]).toEqual([SEED.acme, SEED.globex]);
    await advance(offboarding, 2 * 86_400);
    expect(await world.result(offboarding)).toMatchObject({ outcome: 'done' });
  });

  test('two workers change one list at once and lose nobody, and whoever fetches it meanwhile gets a whole one', async () => {
    const other = createLedger({ url });
    const workers: EngineDeps[] = [
      { ...rig.deps, ...ftpDeps(true) },
      { ...rig.deps, ...ftpDeps(true), ledger: other },
    ];
    const crowd = Array.from({ length: 8 }, (_, at) => `crowd${at}@partners`);
    rig.directory.set(...crowd.map((who) => member(who, 'Acme Partners@partners')));
    for (const who of crowd) await resolve(rig.deps, who, undefined, rig.attempt());
    const lists: string[] = [];
    let polling = true;
    const polls = (async () => {
      const endpoint = { about: 'reader', protocol: 'ftp', host: '127.0.0.1', user: USER, password: PASSWORD } as const;
      const { files, close } = await openFtp(
        { ...endpoint, port: partners.server.ports.ftp, stallMs: 10_000 },
        new AbortController().signal,
      );
      while (polling) {
        const chunks: Buffer[] = [];
        const into = new Writable({ write: (chunk: Buffer, _encoding, next) => (chunks.push(chunk), next()) });
        await files.get(partners.path('acme'), into);
        lists.push(Buffer.concat(chunks).toString());
      }
      close();
    })();
    const done = await Promise.all(crowd.map((who, at) => settle(who, workers[at % 2])));
    polling = false;
    await polls;
    expect(done.map(({ state }) => state)).toEqual(crowd.map(() => 'proved'));
    expect(partners.names('acme').sort()).toEqual([...crowd, 'old.hand@acme'].sort());
    for (const list of lists) {
      expect(list.startsWith(SEED.acme)).toBe(true);
      expect(list.endsWith('\r\n')).toBe(true);
    }
    const sizes = lists.map((list) => list.length);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(new Set(sizes).size).toBeGreaterThan(1);
    await other.close();
  }, 60_000);

  test('a reply lost after the rename is found out by reading back; nothing is published twice', async () => {
    rig.directory.set(member('lou@partners', 'Acme Partners@partners'));
    partners.proxy.fault = { at: /^RNTO/, how: 'lose', times: 1 };
    expect(await settle('lou@partners')).toMatchObject({ state: 'proved', applied: ['grant ftp:list/acme'] });
    expect(partners.publications()).toEqual({ made: 1, needless: 0 });
    expect(partners.names('acme')).toEqual(['old.hand@acme', 'lou@partners']);
  });

  test('a partner that nobody configured leaves the pair open and says why', async () => {
    rig.directory.set(member('ian@partners', 'Initech Partners@partners'));
    expect(await settle('ian@partners')).toMatchObject({
      state: 'open',
      failed: [{ what: 'grant ftp:list/initech', code: 'FTP_UNKNOWN_PARTNER', then: 'skipped' }],
    });
  });

  test('drift finds whom the list has too many and too few, and rows of nobody', async () => {
    rig.directory.set(member('eve@partners', 'Acme Partners@partners'), member('max@partners'));
    await settle('eve@partners');
    await settle('max@partners');
    partners.write('acme', `${SEED.acme}max@partners,,,\r\n`);
    const found: string[] = [];
    for await (const { findings } of drift(rig.deps, 'ftp', rig.attempt()))
      found.push(...findings.map((one) => `${one.kind} ${one.person ?? one.account} ${one.what}`));
    expect(found).toEqual(
      expect.arrayContaining([
        'orphan old.hand@acme account',
        'orphan boss@globex account',
        'excess max@partners ftp:list/acme',
        'missing eve@partners ftp:list/acme',
      ]),
    );
  });
});
