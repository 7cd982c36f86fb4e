/** The target `ftp` on a real proftpd: what the published lists show is what is held. */
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { findDaemon, withDaemon } from '../../../test/support/daemons.ts';
import { person } from '../../../test/support/fakes.ts';
import { openPartners, SEED, type Partners } from '../../../test/support/ftpPartners.ts';
import { until } from '../../../test/support/until.ts';
import type { Actual, Change } from '../../domain/change.ts';
import type { Person } from '../../domain/person.ts';
import type { Applied, ApplyContext, Listed, Target } from '../port.ts';

const proftpd = findDaemon('proftpd');
const real = withDaemon(proftpd);
let partners: Partners;
beforeAll(async () => {
  if (!('missing' in proftpd)) partners = await openPartners(proftpd);
});
beforeEach(() => partners?.reset());
afterAll(() => partners?.close());

const call: ApplyContext = {
  signal: new AbortController().signal,
  withSharedObject: async (_object, work) => await work(),
};
const ada = person('ada.byrne@staff', { fields: { email: 'ada@northwind.example', displayName: 'Ada Byrne' } });
const ACME = 'ftp:list/acme';
const GLOBEX = 'ftp:list/globex';
const ALL = ['ftp:list/*'];

const read = (target: Target, who: Person, nativeId = who.who): Promise<Actual> =>
  target.read({ person: who, nativeId }, ALL, call);
async function apply(target: Target, change: Change, who = ada, nativeId = who.who): Promise<Applied> {
  const actual = await read(target, who, nativeId).catch(() => ({
    account: 'absent' as const,
    profile: {},
    held: [],
    warnings: [],
  }));
  return await target.apply({ person: who, nativeId }, change, actual, call);
}
const grant = (entitlement: string): Change => ({ op: 'grant', entitlement });
const revoke = (entitlement: string): Change => ({ op: 'revoke', entitlement });
const ofAccount = (op: 'disable' | 'update' | 'create'): Change => ({ op, profile: {} });

describe('rows', () => {
  real('a grant adds a row with the configured columns, a revocation restores the file byte for byte', async () => {
    const target = partners.target();
    expect(await read(target, ada)).toMatchObject({ account: 'absent', held: [] });
    expect(await apply(target, grant(ACME))).toEqual({ outcome: 'done' });
    expect(partners.text('acme')).toBe(`${SEED.acme}ada.byrne@staff,ada@northwind.example,Ada Byrne,\r\n`);
    expect(await read(target, ada)).toEqual({
      account: 'present',
      nativeId: ada.who,
      profile: { id: ada.who },
      held: [{ key: ACME, how: 'direct' }],
      warnings: [],
    });
    await apply(target, revoke(ACME));
    expect(partners.text('acme')).toBe(SEED.acme);
    expect(readdirSync(partners.server.home).sort()).toEqual(['acme.csv', 'globex.csv']);
  });

  real('disabling takes somebody off every list, however they are spelled there, and nobody else', async () => {
    partners.write('acme', `${SEED.acme}ADA.Byrne@Staff ,x,,\r\nada.byrne@staff2,y,,\r\n`);
    partners.write('globex', `${SEED.globex};"ada.byrne@staff";\n`);
    const target = partners.target();
    expect((await read(target, ada)).held).toHaveLength(2);
    await apply(target, ofAccount('disable'));
    expect(partners.text('acme')).toBe(`${SEED.acme}ada.byrne@staff2,y,,\r\n`);
    expect(partners.text('globex')).toBe(SEED.globex);
    expect((await read(target, ada)).account).toBe('absent');
  });

  real('another e-mail or another login shows as a difference, and one update mends every list', async () => {
    const target = partners.target();
    for (const key of [ACME, GLOBEX]) await apply(target, grant(key));
    const moved = {
      ...ada,
      login: 'ada.moss',
      who: 'ada.moss@staff',
      fields: { ...ada.fields, displayName: 'Ada Moss' },
    };
    const wed = { ...ada, fields: { ...ada.fields, displayName: 'Ada Moss' } };
    expect((await read(target, wed)).profile).toEqual({ id: 'ada.byrne@staff (row out of date)' });
    expect((await read(target, moved, ada.who)).profile).toEqual({ id: 'ada.byrne@staff' });
    expect(await apply(target, ofAccount('update'), moved, ada.who)).toEqual({
      outcome: 'done',
      nativeId: 'ada.moss@staff',
    });
    expect(partners.text('acme')).toBe(`${SEED.acme}ada.moss@staff,ada@northwind.example,Ada Moss,\r\n`);
    expect(partners.names('globex')).toEqual(['boss@globex', 'ada.moss@staff']);
    expect((await read(target, moved)).profile).toEqual({ id: 'ada.moss@staff' });
  });

  real('what a partner must not get is refused before anything is written', async () => {
    const allow = { types: ['partner', 'contractor'], groups: ['Acme Project@staff', 'Acme Audit@staff'] };
    const target = partners.target(partners.config({ allow }));
    const outsider: Partial<Person> = { type: 'contractor', groups: ['Acme Audit@staff'] };
    await expect(apply(target, grant(ACME))).rejects.toMatchObject({ code: 'FTP_NOT_ALLOWED' });
    await expect(apply(target, grant(ACME), { ...ada, type: 'partner' })).rejects.toMatchObject({
      code: 'FTP_NOT_ALLOWED',
    });
    const forger = { ...ada, ...outsider, fields: { ...ada.fields, displayName: 'x\nmallory@evil,y' } };
    await expect(apply(target, grant(ACME), forger)).rejects.toMatchObject({ code: 'FTP_UNSENDABLE' });
    await expect(apply(target, grant('ftp:list/nobody'))).rejects.toMatchObject({ code: 'FTP_UNKNOWN_PARTNER' });
    const byMail = partners.target(partners.config({}, { profile: { id: 'email' } }));
    await expect(apply(byMail, ofAccount('create'), { ...ada, fields: {} })).rejects.toMatchObject({
      code: 'FTP_INCOMPLETE',
    });
    expect(partners.text('acme')).toBe(SEED.acme);
    await apply(target, grant(ACME), { ...ada, ...outsider });
    expect((await read(target, ada)).warnings).toEqual([
      expect.stringMatching(/acme, whose allow rule does not admit them/),
    ]);
  });
});

describe('the file', () => {
  real('a list that is not there is an error, never "nobody is on it", unless it is to be made', async () => {
    partners.target();
    const nowhere = { list: { path: `${partners.server.home}/new.csv`, columns: { mail: 'email' } } };
    await expect(read(partners.target(partners.config(nowhere)), ada)).rejects.toMatchObject({
      code: 'FTP_LIST_MISSING',
    });
    const target = partners.target(partners.config({ list: { ...nowhere.list, create: true } }));
    expect((await read(target, ada)).held).toEqual([]);
    await target.apply({ person: ada }, grant(ACME), await read(target, ada), call);
    expect(readFileSync(nowhere.list.path, 'utf8')).toBe('user,mail\nada.byrne@staff,ada@northwind.example\n');
  });

  real('a list that cannot be read is left as it is', async () => {
    const target = partners.target();
    const broken = `${SEED.acme}"open,x\r\nada.byrne@staff,,,\r\n`;
    partners.write('acme', broken);
    await expect(read(target, ada)).rejects.toMatchObject({ code: 'FTP_LIST_UNREADABLE', retryable: false });
    await expect(apply(target, grant(ACME))).rejects.toMatchObject({ code: 'FTP_LIST_UNREADABLE' });
    expect(partners.text('acme')).toBe(broken);
    const small = partners.target(partners.config(), { choices: { maxListBytes: 10 } });
    await expect(read(small, ada)).rejects.toMatchObject({ code: 'FTP_LIST_TOO_LARGE' });
  });

  real(
    'a part that an earlier writer left is removed, and the list read again, before anything is published',
    async () => {
      const target = partners.target();
      partners.write('acme', SEED.acme);
      const stale = `${partners.server.home}/.acme.csv.0123456789ab.part`;
      writeFileSync(stale, 'user,mail,name,note\r\nlate@acme,,,\r\n', { mode: 0o666 });
      await apply(target, grant(ACME));
      expect(readdirSync(partners.server.home).sort()).toEqual(['acme.csv', 'globex.csv']);
      expect(partners.names('acme')).toEqual(['old.hand@acme', 'ada.byrne@staff']);
    },
  );

  real(
    'a server that does not replace by renaming says so; with delete-then-rename the list is published all the same',
    async () => {
      const refusing = () => (partners.proxy.fault = { at: /^RNTO .*acme/, how: { answer: '550 exists' }, times: 1 });
      refusing();
      await expect(apply(partners.target(), grant(ACME))).rejects.toMatchObject({
        code: 'FTP_CANNOT_REPLACE',
        retryable: false,
      });
      expect(partners.text('acme')).toBe(SEED.acme);
      partners.proxy.fault = undefined;
      const target = partners.target(partners.config({ replaceMode: 'delete-then-rename' }));
      await apply(target, grant(ACME));
      expect(partners.proxy.commands.filter((command) => /^(DELE|RNTO)/.test(command))).toEqual([
        expect.stringMatching(/RNTO/), // refused above
        expect.stringMatching(/DELE .*acme.csv$/),
        expect.stringMatching(/RNTO .*acme.csv$/),
      ]);
      expect(partners.names('acme')).toEqual(['old.hand@acme', 'ada.byrne@staff']);
      // Cut between the two: not an empty list, although it may be made.
      partners.proxy.fault = { at: /^RNTO/, how: 'reset' };
      expect(await apply(target, revoke(ACME))).toMatchObject({ outcome: 'unknown' });
      partners.proxy.fault = undefined;
      const list = { path: partners.path('acme'), create: true };
      const making = partners.target(partners.config({ replaceMode: 'delete-then-rename', list }));
      await expect(read(making, ada)).rejects.toMatchObject({ code: 'FTP_LIST_MISSING' });
    },
  );
});

describe('bulk', () => {
  const logins = (): number => partners.proxy.commands.filter((command) => command === 'PASS').length;

  real('everybody who is asked about at once costs two sessions a list', async () => {
    const target = partners.target();
    const people = Array.from({ length: 50 }, (_, at) => person(`p${at}@staff`));
    await Promise.all(people.map((who) => read(target, who)));
    expect(logins()).toBeLessThanOrEqual(4);
  });

  real('what reads, changes and reads back logs in once for each list', async () => {
    const target = partners.target();
    const before = await read(target, ada);
    partners.proxy.commands.length = 0;
    await target.apply({ person: ada }, grant(ACME), before, call);
    expect((await read(target, ada)).held).toEqual([{ key: ACME, how: 'direct' }]);
    expect(logins()).toBe(0);
  });

  real('a session that the server ended while it waited is replaced, and nobody notices', async () => {
    const target = partners.target();
    await read(target, ada);
    partners.proxy.commands.length = 0;
    partners.server.killSessions();
    expect((await read(target, ada)).held).toEqual([]);
    expect(logins()).toBe(2);
  });

  real('a read begun before a change is not the answer to a question after it', async () => {
    const target = partners.target();
    const before = read(target, ada);
    await until('the first read to fetch', async () => partners.proxy.commands.some((one) => one.startsWith('RETR')));
    partners.write('acme', `${SEED.acme}ada.byrne@staff,,,\r\n`);
    const after = read(target, ada);
    await before.catch(() => undefined);
    expect((await after).held).toEqual([{ key: ACME, how: 'direct' }]);
  });

  real('list gives each account once with all it holds, over as many pages as it takes', async () => {
    const rows = Array.from({ length: 500 }, (_, at) => `p${at}@staff`);
    partners.write('acme', `user,mail,name,note\r\n${rows.map((name) => `${name},,,\r\n`).join('')}`);
    partners.write(
      'globex',
      `mail;user;name\n${rows
        .slice(250)
        .map((name) => `;${name.toUpperCase()};\n`)
        .join('')}`,
    );
    const target = partners.target(partners.config(), { choices: { namesPerPage: 100 } });
    const all: Listed[] = [];
    let pages = 0;
    for (let page: string | undefined = undefined, more = true; more; pages++) {
      const got: Awaited<ReturnType<Target['list']>> = await target.list(page, ALL, call);
      expect(got.items.length).toBeLessThanOrEqual(150);
      all.push(...got.items);
      page = got.next;
      more = page !== undefined;
    }
    expect(pages).toBe(8);
    expect(all.map(({ nativeId }) => nativeId).sort()).toEqual([...rows].sort());
    expect(all.filter(({ actual }) => actual.held.length === 2)).toHaveLength(250);
    expect(all.find(({ nativeId }) => nativeId === 'p1@staff')).toMatchObject({
      keys: { login: 'p1@staff' },
      actual: { held: [{ key: ACME }] },
    });
  });
});

describe('probe', () => {
  real('names each partner that cannot be read, and why', async () => {
    const good = await partners.target().probe(call);
    expect(good).toEqual({
      reachable: true,
      credentials: true,
      capabilities: { 'read list acme': true, 'read list globex': true },
      problems: [],
    });
    partners.write('globex', 'something;else\n');
    expect(await partners.target().probe(call)).toMatchObject({
      reachable: true,
      capabilities: { 'read list acme': true, 'read list globex': false },
      problems: [expect.stringMatching(/access list of globex cannot be read/)],
    });
  });
});
