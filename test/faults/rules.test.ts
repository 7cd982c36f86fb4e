/** What a refusal for good becomes: `undo`, `hold` or `continue` of the rule, for grants; going on for ever, and with everything else, for revocations. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { roleGroupId, teamId } from '../../sandbox/iconik/seedGroups.ts';
import { openSite, type Site } from '../support/site.ts';

type Rule = 'undo' | 'hold' | 'continue';
const policy =
  (rule: Rule) =>
  (yaml: string): string =>
    yaml
      .replace('  - iconik:collection/**\n', '')
      .replace('      - iconik:roles/Reviewer\n', `      - iconik:roles/Reviewer\n    onFailure: ${rule}\n`);

let site: Site;
let n = 0;
let who = '';
beforeAll(async () => {
  site = await openSite({ people: 3 });
});
afterAll(() => site.close());

const mail = (): string => `joiner${n}@northwind.example`;
async function joiner(rule: Rule): Promise<void> {
  site.usePolicy(policy(rule));
  who = `joiner${++n}@staff`;
  const names = { displayName: `Joiner ${n}`, givenName: 'Joiner', sn: String(n), mail: mail() };
  const work = { oTExtraAttr0: 'employee', oTExtraAttr3: 'EMEA', oTExtraAttr4: 'Brand', oTDepartment: 'Marketing' };
  await site.hr.hire(who, { ...names, ...work }, ['Marketing Editors@staff']);
  await site.resolve(who);
}
beforeEach(() => heal());

const heal = async (): Promise<void> => void (await site.iconik.control('DELETE', '/faults'));
const broken = (method: string, path: string, status = 403) =>
  site.iconik.fault({ match: { method, path }, fault: { kind: 'status', status } });
const held = async (): Promise<string[]> => {
  const [user] = await site.onIconik(mail());
  return user ? [user.status, ...user.roles, ...user.teams.filter((t) => t !== 'Former Members')].sort() : [];
};
const again = async () => {
  await site.outlive();
  return await site.sweep();
};
const calls = async (path: string): Promise<number> =>
  (await site.writes('iconik')).filter((request) => request.path.includes(path)).length;

const others = ['ACTIVE', 'Marketing EMEA', 'Unit Brand'];
const all = [...others, 'Marketing', 'Reviewer'].sort();
const marketing = `/API/users/v1/teams/${teamId('Marketing')}/*`;
const users = '/API/users/v1/users/';

describe('a grant that is refused for good', () => {
  test('undo: the rule is withheld whole, everybody else’s grants stay; asked no more; withdrawn, it is given', async () => {
    await joiner('undo');
    await broken('POST', marketing);
    const done = await site.converge(who, 'iconik');
    expect(done).toMatchObject({ state: 'proved', failed: [{ what: 'grant iconik:team/Marketing', then: 'undone' }] });
    expect(await held()).toEqual(others);
    await site.writes('iconik');
    await again();
    expect(await calls(teamId('Marketing'))).toBe(0);

    await heal();
    await again();
    expect(await held()).toEqual(others);
    const { uuid } = await site.person(who);
    const [withheld] = (await site.ledger.decisions(uuid)).filter((d) => d.kind === 'withhold');
    expect(withheld).toMatchObject({ rule: 'marketing-editors', by: 'tenure' });
    await site.ledger.decide(uuid, { kind: 'withdraw', by: 'grace.lee@staff', reason: 'mended', ends: withheld!.id });
    await again();
    expect(await held()).toEqual(all);
    expect(await site.unproved(who)).toEqual([]);
  });

  test('hold: it waits for a release, item by item, and again after another refusal', async () => {
    await joiner('hold');
    await broken('POST', marketing);
    const done = await site.converge(who, 'iconik');
    expect(done).toMatchObject({ state: 'open', failed: [{ what: 'grant iconik:team/Marketing', then: 'held' }] });
    expect(await held()).toEqual([...others, 'Reviewer'].sort());
    const [first, ...more] = (await site.ledger.holds({ open: true })).filter((h) => h.id.includes(who));
    expect(more).toEqual([]);
    expect(first).toMatchObject({ kind: 'failed', items: [{ id: 'grant iconik:team/Marketing', who }] });
    await site.writes('iconik');
    await again();
    expect(await calls(teamId('Marketing'))).toBe(0);

    const release = (id: string) => site.ledger.releaseHold(id, 'grace.lee@staff', 'mended', []);
    await release(first!.id);
    await again();
    const [second] = (await site.ledger.holds({ open: true })).filter((h) => h.id.includes(who));
    expect(second?.id).not.toBe(first!.id);
    await heal();
    await again();
    expect(await held()).not.toContain('Marketing');
    await release(second!.id);
    await again();
    expect(await held()).toEqual(all);
    expect(await site.unproved(who)).toEqual([]);
  });

  test('continue: everything else is given, the pair stays open and is tried again by itself', async () => {
    await joiner('continue');
    await broken('POST', marketing);
    expect(await site.converge(who, 'iconik')).toMatchObject({
      state: 'open',
      failed: [{ what: 'grant iconik:team/Marketing', then: 'skipped' }],
    });
    expect(await held()).toEqual([...others, 'Reviewer'].sort());
    await again();
    expect(await held()).toEqual([...others, 'Reviewer'].sort());
    await heal();
    await again();
    expect(await held()).toEqual(all);
    expect(await site.unproved(who)).toEqual([]);
  });

  test.each(['undo', 'hold', 'continue'] as const)('%s: without the user nothing is granted at all', async (rule) => {
    await joiner(rule);
    await broken('POST', users);
    expect(await site.converge(who, 'iconik')).toMatchObject({ state: 'open', account: 'absent' });
    await again();
    expect(await site.onIconik(mail())).toEqual([]);
    await heal();
    if (rule === 'hold')
      for (const hold of await site.ledger.holds({ open: true }))
        await site.ledger.releaseHold(hold.id, 'grace.lee@staff', 'mended', []);
    await again();
    expect(await held()).toEqual(rule === 'undo' ? others : all);
    expect(await site.unproved(who)).toEqual([]);
  });
});

describe('a grant that never gets an answer', () => {
  test.each([500, 503, 429, 409])('%i: the attempt ends and comes back; nothing else is harmed', async (status) => {
    await joiner('undo');
    await broken('POST', marketing, status);
    await expect(site.converge(who, 'iconik')).rejects.toMatchObject({ retryable: true });
    expect(await held()).not.toContain('Marketing');
    await site.writes('iconik');
    await again();
    expect(await calls(teamId('Marketing'))).toBeLessThanOrEqual(2);
    const { uuid } = await site.person(who);
    expect(await site.ledger.decisions(uuid)).toEqual([]);
    await heal();
    await again();
    expect(await held()).toEqual(all);
    expect(await site.unproved(who)).toEqual([]);
  });
});

describe('a revocation that is refused', () => {
  const reviewer = `/API/users/v1/role_groups/${roleGroupId('Reviewer')}/*`;
  const leaver = async (): Promise<void> => {
    await joiner('continue');
    await site.converge(who, 'iconik');
    await site.hr.set(who, { accountDisabled: 'true' });
    await site.resolve(who);
  };

  test.each([403, 404, 409])(
    'for good (%i): everything else is taken, it is said, and tried for ever',
    async (status) => {
      await leaver();
      await broken('DELETE', reviewer, status);
      await expect(site.converge(who, 'iconik')).rejects.toMatchObject({ retryable: true });
      expect(await held()).toEqual(['INACTIVE', 'Reviewer']);
      expect(await site.unproved(who)).toContain('iconik');
      await expect(site.converge(who, 'iconik')).rejects.toMatchObject({ retryable: true });
      await heal();
      await again();
      expect(await held()).toEqual(['INACTIVE']);
      expect(await site.unproved(who)).toEqual([]);
    },
  );

  test('closing the account: access is taken all the same', async () => {
    await leaver();
    await broken('PATCH', `${users}*`, 403);
    await expect(site.converge(who, 'iconik')).rejects.toMatchObject({ code: 'REVOCATION_REFUSED', retryable: true });
    const [user] = await site.onIconik(mail());
    // The primary team cannot be left without a PATCH either.
    expect(user).toMatchObject({ status: 'ACTIVE', roles: [], teams: ['Marketing'] });
    await heal();
    await again();
    expect(await held()).toEqual(['INACTIVE']);
  });
});
