/** CL1, CL2, CL3, CL5 and CL7 of the use cases: the engine, real clients, stand-ins over HTTP; what came of it is read from Cloudinary's own state. */
import { kindOf } from '../../src/domain/entitlement.ts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { letThrough } from '../support/asPerson.ts';
import { openCloudinarySite, type CloudinarySite } from '../support/cloudinarySite.ts';
import { mail } from '../support/cloudinaryStandIn.ts';

let site: CloudinarySite;
beforeAll(async () => void (site = await openCloudinarySite()));
afterAll(async () => await site.close());

const one = async (login: string) => {
  const users = await site.seen(login);
  expect(users).toHaveLength(1);
  return users[0]!;
};
/** Brings somebody in and lets them follow the invitation where they were invited. */
const join = async (who: string, login = who.split('@')[0]!): Promise<string> => {
  expect(await site.settle(who)).toMatchObject({ state: 'proved' });
  if ((await one(login)).pending) await site.accept(login);
  return login;
};
/** Somebody decides that the person leaves; answers the decision's id. */
const depart = async (who: string, urgent: boolean): Promise<number> => {
  const { uuid } = await site.person(who);
  return (await site.ledger.decide(uuid, { kind: 'depart', by: 'grace.lee@staff', reason: 'left', urgent })).id;
};
const writes = async () =>
  (await site.cloudinary.writes()).map(
    ({ method, path }) =>
      `${method} ${path.replace(/^.*?\/(accounts\/[^/]*|permissions)\//, '').replace(/[0-9a-f]{20,}/g, '…')}`,
  );

const VIEW = ['download_public_assets', 'view_download'];
const ADD = ['add_assets', 'view_download'];
const BOTH = ['add_assets', ...VIEW];
const REVIEW = ['edit_assets', 'view_download'];
const under = (may: readonly string[], ...paths: string[]): [string, readonly string[]][] =>
  paths.map((path) => [`northwind/${path}`, may]);

/** With a token of their own: every folder of the environment is tried, seen and added to exactly as those rights say. */
const refusedElsewhere = async (login: string, may: Record<string, readonly string[]>): Promise<void> => {
  const allowed = Object.entries(may).flatMap(([at, rights]) => {
    const path = at.replace('northwind/', '');
    return [
      ...(rights.includes('view_download') ? [`see ${path}`] : []),
      ...(rights.includes('add_assets') ? [`add to ${path}`] : []),
    ];
  });
  const tries = await site.tries(login);
  expect(tries.length).toBeGreaterThan(20);
  expect(letThrough(tries)).toEqual(allowed.sort());
};

describe('CL1 and CL3: groups and attributes decide what may be done, and where', () => {
  const marketing = ['Marketing', 'Marketing/APAC', 'Marketing/Americas', 'Marketing/Campaigns', 'Marketing/EMEA'];
  const samples: [who: string, login: string, says: string, folders: [string, readonly string[]][]][] = [
    [
      'priya.nair@staff',
      'priya.nair',
      'a regional marketer adds in her region and looks at campaigns',
      [...under(ADD, 'Marketing/APAC'), ...under(VIEW, 'Marketing/Campaigns')],
    ],
    [
      'søren.åkesson@staff',
      'soren.akesson',
      'the same in another region',
      [...under(ADD, 'Marketing/EMEA'), ...under(VIEW, 'Marketing/Campaigns')],
    ],
    [
      'lucas.moreau@staff',
      'lucas.moreau',
      'the global brand team adds everywhere in marketing',
      [
        ...under(ADD, ...marketing.filter((path) => !path.endsWith('Campaigns'))),
        ...under(BOTH, 'Marketing/Campaigns'),
      ],
    ],
    [
      'mei.chen@staff',
      'mei.chen',
      'the product team works on its own',
      under(ADD, 'Post Production', 'Post Production/Dailies'),
    ],
    [
      'chiara.rossi@staff',
      'chiara.rossi',
      'a legal reviewer sees and clears, and adds nothing',
      [...under(VIEW, 'Legal', 'Legal/Rights'), ...under(REVIEW, ...marketing)],
    ],
  ];
  test.each(samples)('%s (%s): %s, and nothing else', async (who, login, _says, folders) => {
    await join(who, login);
    const rights = await site.rights(login);
    expect(rights.enters).toEqual(['northwind']);
    expect(rights.environments['northwind']?.may).toEqual(['ml::access']);
    const may = Object.entries(rights.folders).map(([path, on]): [string, readonly string[]] => [path, on.may]);
    expect(may.sort()).toEqual([...folders].sort());
    expect(await site.visible(login)).toEqual(folders.map(([path]) => path).sort());
    await refusedElsewhere(login, Object.fromEntries(folders));
  });
});

describe('CL2: join, change, leave, and what can stand in the way', () => {
  test('a joiner gets one user with exactly what is due; a second run changes nothing', async () => {
    await join('yuki.tanaka@staff');
    expect(await one('yuki.tanaka')).toMatchObject({
      name: 'Yuki Tanaka',
      role: 'media_library_user',
      enabled: true,
      groups: ['Marketing'],
      environments: ['northwind'],
      roles: [
        'folder::contributor@northwind/Marketing/APAC',
        'folder::viewer@northwind/Marketing/Campaigns',
        'prodenv::ml_user@northwind',
      ],
    });
    await writes();
    expect(await site.settle('yuki.tanaka@staff')).toMatchObject({ state: 'proved', applied: [] });
    expect(await writes()).toEqual([]);
  });

  test('a user who is there by e-mail in other case is taken; what nobody is due there goes', async () => {
    const [before] = await site.seen('ada.byrne');
    expect(before).toMatchObject({
      email: 'Ada.Byrne@Northwind.example',
      roles: ['folder::manager@northwind/Marketing/EMEA'],
    });
    await join('ada.byrne@staff');
    expect(await one('ada.byrne')).toMatchObject({
      id: before?.id,
      groups: ['Marketing'],
      roles: expect.not.arrayContaining(['folder::manager@northwind/Marketing/EMEA']),
    });
  });

  test('a mover loses the old region with the new one', async () => {
    await join('emily.carter@staff');
    await site.hr.set('emily.carter@staff', { oTExtraAttr3: 'EMEA', oTExtraAttr4: 'Trailers' });
    expect(await site.settle('emily.carter@staff')).toMatchObject({ state: 'proved' });
    expect(await one('emily.carter')).toMatchObject({
      groups: [],
      roles: [
        'folder::contributor@northwind/Marketing/EMEA',
        'folder::viewer@northwind/Marketing/Campaigns',
        'prodenv::ml_user@northwind',
      ],
    });
    expect(await site.visible('emily.carter')).toEqual(['northwind/Marketing/Campaigns', 'northwind/Marketing/EMEA']);
  });

  test('a leaver loses everything and can come back', async () => {
    await join('carlos.silva@staff');
    const before = await one('carlos.silva');
    const decision = await depart('carlos.silva@staff', false);
    expect(await site.settle('carlos.silva@staff')).toMatchObject({ state: 'proved' });
    // No environment cannot be said in Cloudinary: the one without content stands for it, never the empty list that means all.
    expect(await one('carlos.silva')).toMatchObject({
      enabled: false,
      groups: [],
      roles: [],
      environments: ['northwind-archive'],
    });
    const { uuid } = await site.person('carlos.silva@staff');
    const back = { kind: 'withdraw' as const, by: 'grace.lee@staff', reason: 'stays', ends: decision };
    await site.ledger.decide(uuid, back);
    expect(await site.settle('carlos.silva@staff')).toMatchObject({ state: 'proved' });
    expect(await one('carlos.silva')).toEqual({ ...before, pending: false });
  });

  test('without a free seat the person waits by name, nothing is half done, and a seat ends the wait', async () => {
    await site.cloudinary.act({ action: 'settings', seats: 1 });
    const summary = await site.settle('mária.kováč@staff');
    expect(summary).toMatchObject({
      state: 'open',
      account: 'absent',
      failed: expect.arrayContaining([{ what: 'create account', code: 'CLOUDINARY_SEAT_LIMIT', then: 'held' }]),
    });
    expect(summary.open.join()).toMatch(/No seat is free in Cloudinary, and mária\.kováč@staff waits for one/);
    expect(summary.open.join()).toContain('mária.kováč@staff has no Cloudinary account yet');
    const [hold] = (await site.ledger.holds({ open: true })).filter((one) => one.id.includes('mária.kováč'));
    expect(hold).toMatchObject({ kind: 'failed', items: [{ who: 'mária.kováč@staff', what: 'create account' }] });
    expect(hold?.reason).toContain('seat');
    expect(await site.seen('maria.kovac')).toEqual([]);
    await site.cloudinary.act({ action: 'settings', seats: 500 });
    expect(await site.settle('mária.kováč@staff')).toMatchObject({ state: 'proved' });
    expect(await one('maria.kovac')).toMatchObject({ groups: ['Post Production'], environments: ['northwind'] });
  });

  test('an e-mail that has a Cloudinary account elsewhere is told once, with what to do, and not tried over and over', async () => {
    await writes();
    const summary = await site.settle('paul@acme@partners');
    expect(summary).toMatchObject({
      state: 'open',
      failed: expect.arrayContaining([{ what: 'create account', code: 'CLOUDINARY_EMAIL_ELSEWHERE', then: 'held' }]),
    });
    expect(summary.open.join()).toMatch(/paul@acme@partners has a Cloudinary account elsewhere.*Support/);
    expect(await writes()).toEqual(['POST users']);
  });

  test('two users with one e-mail wait for somebody to say which', async () => {
    await site.cloudinary.act({ action: 'edit', user: mail('alex.kim'), set: { email: mail('Alex.Kim2') } });
    await writes();
    const summary = await site.settle('alex.kim2@staff');
    expect(summary).toMatchObject({ state: 'open', ambiguous: true });
    expect(summary.open[0]).toContain('a match decision must say which');
    expect(await writes()).toEqual([]);
  });
});

describe('CL5: agencies work in the folders named for them', () => {
  test('they add there, and nothing internal can be seen', async () => {
    const login = await join('lena.fischer@contractors');
    const rights = await site.rights(login);
    expect(Object.entries(rights.folders)).toEqual([['northwind/Contractors', { may: ADD, by: ['direct'] }]]);
    expect(await site.visible(login)).toEqual(['northwind/Contractors']);
    await refusedElsewhere(login, { 'northwind/Contractors': ADD });
  });
});

describe('CL7: revoked at once, everywhere', () => {
  test('somebody whom nobody told Cloudinary of: closed first, then stripped of what no policy names too; the proof lists every place', async () => {
    const before = await one('tom.weber');
    expect(before).toMatchObject({
      environments: ['*'],
      groups: ['Post Production'],
      roles: ['folder::viewer@northwind/Legal'],
    });
    for (const folder of ['Project Aurora/Trailers', 'Finished'])
      await site.cloudinary.act({
        action: 'edit',
        user: mail('tom.weber'),
        role: 'cld::role::folder::manager',
        folder,
        present: true,
      });
    await writes();
    await site.resolve('tom.weber@staff');
    await depart('tom.weber@staff', true);
    const summary = await site.settle('tom.weber@staff');
    expect(summary).toMatchObject({ state: 'proved', account: 'disabled' });
    expect(await one('tom.weber')).toMatchObject({
      enabled: false,
      groups: [],
      roles: [],
      environments: ['northwind-archive'],
    });
    const { keys, folders } = await site.cloudinary.state();
    expect(Object.values(keys).find((key) => key.name === 'Trailer sync')).toMatchObject({ enabled: false });

    const made = await writes();
    expect(made[0]).toBe('PUT users/…');
    const { uuid } = await site.person('tom.weber@staff');
    const changes = [...(await site.ledger.changes({ person: uuid, target: 'cloudinary', limit: 50 }))].reverse();
    expect(changes[0]?.change).toMatchObject({ op: 'disable' });
    const order = ['group', 'account-role', 'role', 'folder', 'collection', 'content', 'environment', 'key'];
    const taken = changes
      .slice(1)
      .flatMap(({ change }) => ('entitlement' in change ? [kindOf(change.entitlement)] : []));
    expect(taken).toEqual([...taken].sort((a, b) => order.indexOf(a) - order.indexOf(b)));

    const proof = (await site.ledger.proofs(uuid))['cloudinary'];
    const checked = proof?.actual.checked ?? [];
    for (const { path } of Object.values(folders)) expect(checked).toContain(`folder ${path}@northwind`);
    for (const place of [
      'account',
      'user groups',
      'environment northwind',
      'environment northwind-archive',
      'access keys of northwind',
    ])
      expect(checked).toContain(place);
    expect(proof?.actual.held.filter((held) => held.how === 'direct')).toEqual([]);
  });
});
