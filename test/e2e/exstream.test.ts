/** EX1, EX4, EX6 (without repair), EX8 of the use cases: the engine on OTDS and Exstream over HTTP; what came of it is read from the stand-ins, and with people's own credentials. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { drift } from '../../src/provisioning/drift.ts';
import { letThrough } from '../support/asPerson.ts';
import { ADMIN_APAC, ADMIN_EMEA, openExstreamSite, type ExstreamSite } from '../support/exstreamSite.ts';

const DAY = 86_400_000;
const LETTERS = {
  design: 'Letter Designers@staff',
  review: 'Letter Reviewers@staff',
  operate: 'Letter Operators@staff',
};
const AUTHORS = 'Letter Authors@staff';
const inDays = (days: number) => ({ now: new Date(Date.now() + days * DAY).toISOString() });

let site: ExstreamSite;
beforeAll(async () => void (site = await openExstreamSite()));
afterAll(async () => await site.close());

describe('EX1: templates and jobs by role, and no more than the role', () => {
  const DESIGNER = ['read Development', 'edit Development', 'run Development'];
  const OPERATOR = ['read Production', 'run Production'];
  const samples: [who: string, groups: string[], rights: string[], may: string[]][] = [
    ['hannah.klein@staff', [LETTERS.design], ['commdesigner@Development'], DESIGNER],
    ['ben.otto@staff', [LETTERS.design], ['commdesigner@Development'], DESIGNER],
    ['chiara.rossi@staff', [LETTERS.review], ['reviewer@Production'], ['read Production']],
    ['david.okoye@staff', [LETTERS.review], ['reviewer@Production'], ['read Production']],
    ['peter.novak@staff', [LETTERS.operate], ['tenantuser@Production'], OPERATOR],
    [
      'sofia.lund@staff',
      [LETTERS.operate, LETTERS.design],
      ['commdesigner@Development', 'tenantuser@Production'],
      [...DESIGNER, ...OPERATOR],
    ],
    ['raj.patel@staff', [LETTERS.operate, LETTERS.review], ['reviewer@Production', 'tenantuser@Production'], OPERATOR],
    ['lucas.moreau@staff', [AUTHORS], [], []],
    ['ada.byrne@staff', [], [], []],
    ['lena.fischer@contractors', [], [], []],
    ['tom.weber@staff', [LETTERS.design], [], []],
    ['julia.santos@staff', [LETTERS.operate], ['tenantuser@Production'], OPERATOR],
  ];
  test.each(samples)('%s in %j', async (who, groups, rights, may) => {
    if (groups.length > 0) await site.hr.join(who, ...groups);
    expect(await site.settle(who)).toMatchObject({ exstream: { state: 'proved', failed: [] } });
    expect(await site.rights(who)).toEqual(rights);
    expect(letThrough(await site.tries(who))).toEqual([...may].sort());
  });

  test('only a reviewer can approve; a designer is refused', async () => {
    expect(await site.approves('hannah.klein@staff')).toBe(403);
    expect(await site.approves('chiara.rossi@staff')).toBe(200);
  });

  test('a second pass asks Exstream for nothing but reads', async () => {
    await site.bench.requests();
    await site.bench.otds.requests();
    expect((await site.settle('hannah.klein@staff')).exstream.applied).toEqual([]);
    const all = [...(await site.bench.requests()), ...(await site.bench.otds.requests())];
    expect(all.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

describe('EX1: whoever creates does not approve', () => {
  const WHO = 'oliver.grant@staff';
  const held = () => site.rights(WHO);
  const settle = async (days = 0) => (await site.settle(WHO, inDays(days))).exstream;

  test('the younger side is left out, until an exemption with an end; after its end it is taken away again', async () => {
    await site.hr.join(WHO, LETTERS.design);
    await settle();
    await site.hr.join(WHO, LETTERS.review);
    expect(await settle()).toMatchObject({
      state: 'proved',
      waiting: [{ entitlement: 'exstream:role/reviewer@Production', why: 'conflict' }],
    });
    expect(await held()).toEqual(['commdesigner@Development']);
    expect(await site.approves(WHO)).toBe(403);

    const item = 'create-and-approve';
    const until = new Date(Date.now() + 10 * DAY).toISOString();
    expect(await site.decide(WHO, { decision: 'exempt', by: 'grace.lee@staff', item })).toMatchObject({
      accepted: false,
    });
    expect(await site.decide(WHO, { decision: 'exempt', by: WHO, item, until })).toMatchObject({
      code: 'SELF_APPROVAL',
    });
    const said = await site.decide(WHO, { decision: 'exempt', by: 'grace.lee@staff', item, until });
    expect(said).toMatchObject({ accepted: true });
    expect((await settle(1)).applied).toEqual(['grant exstream:role/reviewer@Production']);
    expect(await held()).toEqual(['commdesigner@Development', 'reviewer@Production']);
    expect((await settle(11)).applied).toEqual(['revoke exstream:role/reviewer@Production']);
    expect(await held()).toEqual(['commdesigner@Development']);
  });

  test('whoever created until a short while ago waits for the window to end before approving', async () => {
    // Also where both happen in one step: what is dropped and not revoked yet is still held.
    await site.hr.drop(WHO, LETTERS.design);
    expect(await settle(12)).toMatchObject({
      applied: ['disable account', 'revoke exstream:role/commdesigner@Development'],
      waiting: [{ entitlement: 'exstream:role/reviewer@Production', why: 'conflict' }],
    });
    expect(await held()).toEqual([]);
    expect((await settle(12)).applied).toEqual([]);
    expect((await settle(29)).applied).toEqual([]);
    expect(await held()).toEqual([]);
    expect((await settle(31)).applied).toContain('grant exstream:role/reviewer@Production');
    expect(await held()).toEqual(['reviewer@Production']);
  });
});

describe('EX4: teams of communication operations', () => {
  const WHO = 'nora.vance@staff';

  test('joiner, mover, leaver by membership and access role; what an old token still may is said and ends', async () => {
    await site.hr.hire(WHO, { givenName: 'Nora', sn: 'Vance', oTExtraAttr0: 'employee' }, [LETTERS.operate]);
    expect((await site.settle(WHO)).exstream).toMatchObject({
      state: 'proved',
      account: 'present',
      applied: ['enable account', 'grant exstream:role/tenantuser@Production'],
    });
    const token = (await site.ownToken(WHO)) ?? '';
    const reads = async (domain: string) => (await site.bench.design('GET', `/resources/${domain}`, { token })).status;
    expect(await reads('Production')).toBe(200);

    await site.hr.drop(WHO, LETTERS.operate);
    await site.hr.join(WHO, LETTERS.design);
    await site.settle(WHO);
    expect(await site.rights(WHO)).toEqual(['commdesigner@Development']);

    await site.hr.set(WHO, { accountDisabled: 'true' });
    const left = await site.settle(WHO);
    expect(left.exstream).toMatchObject({ state: 'proved', account: 'disabled' });
    expect(left.exstream.applied).toEqual(['disable account', 'revoke exstream:role/commdesigner@Development']);
    expect(await site.bench.otds.control('GET', `/state/access/${encodeURIComponent(WHO)}`)).toMatchObject({
      accessRoles: [],
    });

    // The first token still carries what it was given; the proof says for how long at most.
    expect(await reads('Production')).toBe(200);
    expect(site.exstream.target.describe().proofLimits[0]).toMatch(/up to 60 minutes later/);
    await site.bench.control('POST', '/clock', { advance: 3_601 });
    expect(await reads('Production')).toBe(401);
    expect(await site.ownToken(WHO)).toBeUndefined();
  });

  test('several first holders of a right at once: the group is given its role once, and all are proved', async () => {
    const team = ['anna.nowak@staff', 'carlos.silva@staff', 'fatima.zahra@staff'];
    for (const who of team) await site.hr.join(who, 'Letter Archivists@staff');
    await Promise.all(team.map((who) => site.settle(who).catch(() => undefined)));
    for (const who of team) {
      expect((await site.settle(who)).exstream).toMatchObject({ state: 'proved' });
      expect(await site.rights(who)).toEqual(['readonly@Production']);
    }
    const rows = (await site.bench.groupRoles()).filter((row) => row.startsWith('Archivists@'));
    expect(rows).toEqual(['Archivists@exstream.role: readonly@Production']);
  });
});

describe('EX6: drift of rights to templates, told and not mended', () => {
  const found = async (): Promise<string[]> => {
    const findings: string[] = [];
    for await (const page of drift(site.deps, 'exstream', site.attempt()))
      findings.push(...page.findings.map(({ kind, person, account, what }) => `${kind} ${person ?? account} ${what}`));
    return findings;
  };

  test('people who have more or less than is due, and people whom nobody knows, are found by one pass that writes nothing', async () => {
    const before = await found();
    await site.hr.join('ada.byrne@staff', 'Reviewers@exstream.role');
    await site.hr.drop('ben.otto@staff', 'Designers@exstream.role');
    await site.hr.join('yuki.tanaka@staff', 'Designers@exstream.role');
    await site.bench.requests();
    await site.bench.otds.requests();
    const planted = (await found()).filter((one) => !before.includes(one)).sort();
    expect(planted).toEqual([
      'excess ada.byrne@staff exstream:role/reviewer@Production',
      'missing ben.otto@staff exstream:role/commdesigner@Development',
      'orphan yuki.tanaka@staff account',
    ]);
    const all = [...(await site.bench.requests()), ...(await site.bench.otds.requests())];
    expect(all.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('group-roles that differ from the configured mapping are exactly what was planted', async () => {
    const before = await site.exstream.drift(site.attempt());
    await site.bench.design('POST', '/group-roles', {
      body: { group: 'Dept Marketing@staff', roleName: 'reviewer', domain: { id: 'Production' } },
    });
    await site.bench.design('DELETE', '/group-roles', {
      body: { group: 'Reviewers@exstream.role', roleName: 'reviewer', domain: { id: 'Production' } },
    });
    const after = await site.exstream.drift(site.attempt());
    expect(after.foreign.filter((row) => !before.foreign.includes(row))).toEqual([
      'Group Dept Marketing@staff has role reviewer in Production, which nothing configures.',
    ]);
    expect(after.missing.filter((row) => !before.missing.includes(row))).toEqual([
      'Group Reviewers@exstream.role lacks role reviewer in Production.',
    ]);
    expect((await site.exstream.target.probe(site.attempt())).problems).toEqual(
      expect.arrayContaining([...after.foreign]),
    );
    expect(await site.exstream.drift(site.attempt())).toEqual(after);
  });
});

describe('EX8: regional administrators', () => {
  const AUTHOR = { emea: 'marta.ferrer@staff', apac: 'wei.zhang@staff' };
  const ruleOf = async (who: string) => (await site.asks(who))[0];

  test('decide inside their region; outside they are refused, and it is recorded', async () => {
    for (const who of Object.values(AUTHOR)) {
      await site.hr.join(who, AUTHORS);
      expect((await site.settle(who)).exstream).toMatchObject({ applied: [], waiting: [{ why: 'approval' }] });
    }
    const ask = (await ruleOf(AUTHOR.apac))!;
    expect(ask.entitlements).toEqual(['exstream:role/bcauser@Regional APAC']);
    const outside = await site.decide(AUTHOR.apac, { decision: 'approve', by: ADMIN_EMEA, ask });
    expect(outside).toMatchObject({ accepted: false, code: 'NOT_AN_APPROVER' });
    await site.settle(AUTHOR.apac);
    expect(await site.rights(AUTHOR.apac)).toEqual([]);
    const { uuid } = await site.bench.otds.person(AUTHOR.apac);
    const told = (await site.ledger.timeline(uuid)).map(({ text }) => text).join('\n');
    expect(told).toContain(ADMIN_EMEA);
    expect(told).toContain('NOT_AN_APPROVER');

    expect(await site.decide(AUTHOR.apac, { decision: 'approve', by: ADMIN_APAC, ask })).toMatchObject({
      accepted: true,
    });
    const emea = (await ruleOf(AUTHOR.emea))!;
    expect(await site.decide(AUTHOR.emea, { decision: 'approve', by: ADMIN_EMEA, ask: emea })).toMatchObject({
      accepted: true,
    });
    await site.bench.requests();
    for (const who of Object.values(AUTHOR))
      expect((await site.settle(who)).exstream).toMatchObject({ state: 'proved' });
    expect(await site.rights(AUTHOR.apac)).toEqual(['bcauser@Regional APAC']);
    expect(await site.rights(AUTHOR.emea)).toEqual(['bcauser@Regional EMEA']);
    const writers = (await site.bench.requests()).filter(({ method }) => method === 'POST').map(({ caller }) => caller);
    expect(writers.sort()).toEqual(['tenure-apac@OAuthClients', 'tenure-emea@OAuthClients']);
  });

  test('take back what they gave, and only that', async () => {
    const { uuid } = await site.bench.otds.person(AUTHOR.emea);
    const given = (await site.ledger.decisions(uuid)).find((d) => d.kind === 'approve')!;
    const ask = {
      item: given.rule!,
      demand: given.demand!,
      digest: given.digest!,
      entitlements: given.entitlements!,
      rung: 'first' as const,
    };
    const outside = await site.decide(AUTHOR.emea, { decision: 'reject', by: ADMIN_APAC, ask });
    expect(outside).toMatchObject({ accepted: false, code: 'NOT_AN_APPROVER' });
    await site.settle(AUTHOR.emea);
    expect(await site.rights(AUTHOR.emea)).toEqual(['bcauser@Regional EMEA']);
    expect(await site.decide(AUTHOR.emea, { decision: 'reject', by: ADMIN_EMEA, ask })).toMatchObject({
      accepted: true,
    });
    expect((await site.settle(AUTHOR.emea)).exstream.applied).toContain('revoke exstream:role/bcauser@Regional EMEA');
    expect(await site.rights(AUTHOR.emea)).toEqual([]);
  });

  test('their own credentials change group-roles of their domain and are refused in any other', async () => {
    await site.bench.otds.admin('POST', '/accessroles/Access%20to%20Exstream/members', {
      users: [{ name: ADMIN_EMEA, location: (await site.bench.otds.admin('GET', `/users/${ADMIN_EMEA}`))['location'] }],
    });
    const token = (await site.ownToken(ADMIN_EMEA)) ?? '';
    const gives = async (domain: string, roleName = 'readonly') =>
      (
        await site.bench.design('POST', '/group-roles', {
          body: { group: 'Interns@staff', roleName, domain: { id: domain } },
          token,
        })
      ).status;
    expect([await gives('Regional EMEA'), await gives('Regional EMEA', 'tenantadmin')]).toEqual([200, 403]);
    expect([await gives('Regional APAC'), await gives('Production'), await gives('Development')]).toEqual([
      403, 403, 403,
    ]);
  });
});
