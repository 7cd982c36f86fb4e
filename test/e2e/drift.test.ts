/** Reconciliation's read side on the whole company: one pass of bulk reads finds exactly what was planted, writes nothing, and repairs nothing. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { company } from '../../sandbox/company.ts';
import { drift, type DriftTotals, type Finding, type LinkProposal } from '../../src/provisioning/drift.ts';
import { openSite, type Site } from '../support/site.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite({ policy: onlyNamedRoles });
  for (const { login, partition } of company.people) await site.resolve(`${login}@${partition}`);
});
afterAll(() => site.close());

/** One role group of iconik is nobody's business of ours: what is held there is unmanaged. */
function onlyNamedRoles(yaml: string): string {
  const named = ['Reviewer', 'Editor', 'Approver', 'Media Library Admin'].map((name) => `  - iconik:roles/${name}\n`);
  return yaml.replace('  - iconik:roles/*\n', named.join('')).replace('      - iconik:roles/Viewer\n', '');
}

const mail = (login: string): string => `${login}@northwind.example`;
const brief = ({ kind, person, account, what }: Finding): string => [kind, person ?? account, what].join(' ');

async function pass(target: string): Promise<{ found: Finding[]; proposals: LinkProposal[]; totals: DriftTotals }> {
  const found: Finding[] = [];
  const proposals: LinkProposal[] = [];
  let totals: DriftTotals | undefined;
  for await (const page of drift(site.deps, target, site.attempt())) {
    found.push(...page.findings);
    proposals.push(...page.proposals);
    totals = page.totals;
  }
  if (!totals) throw new Error('The pass yielded nothing.');
  expect(await site.writes('iconik')).toEqual([]);
  expect(await site.writes('otds')).toEqual([]);
  return { found, proposals, totals };
}

test('before anything was provisioned: orphans, doubts, leavers still open, and who fits whom', async () => {
  const { found, proposals, totals } = await pass('iconik');
  expect(totals).toMatchObject({ accounts: 16, people: company.people.length });
  const orphans = found.filter(({ kind }) => kind === 'orphan').map(({ account }) => account);
  expect(orphans).toEqual([mail('victor.lang')]); // and not our own account: the policy protects it
  expect(found.filter(({ kind }) => kind === 'ambiguous')).toMatchObject([{ account: mail('sam.reyes') }]);
  expect(found.find(({ person, what }) => person === 'tom.weber@staff' && what === 'account')).toMatchObject({
    kind: 'excess',
    account: mail('tom.weber'),
  });
  expect(proposals).toHaveLength(16 - 3);
  expect(proposals).toContainEqual(
    expect.objectContaining({ person: 'ada.byrne@staff', account: mail('ada.byrne'), how: 'email' }),
  );
  const waiting = ['sam.reyes@staff', 'sam.reyes@contractors'];
  for (const who of waiting) expect(proposals.map(({ person }) => person)).not.toContain(who);
});

test('after everybody was converged nothing differs but what waits for a person; planted cases are found exactly', async () => {
  for (const { login, partition } of company.people) {
    await site.converge(`${login}@${partition}`, 'iconik');
    await site.freshQuota();
  }
  await site.writes('iconik');
  const before = (await pass('iconik')).found;
  // The account that fits both was linked to the first: the other waits for a match decision.
  const differing = before.filter(({ kind }) => kind === 'excess' || kind === 'missing');
  expect(differing.map(brief)).toEqual([
    'missing sam.reyes@contractors account',
    'missing sam.reyes@contractors iconik:team/Project Aurora',
  ]);

  const [ada] = await site.onIconik(mail('ada.byrne'));
  const [ben] = await site.onIconik(mail('ben.otto'));
  const [tom] = await site.onIconik(mail('tom.weber'));
  await site.iconik.act({ action: 'edit', user: ada?.id, group: 'Marketing', present: false });
  await site.iconik.act({ action: 'edit', user: ben?.id, group: 'Approver', present: true });
  await site.iconik.act({ action: 'edit', user: ben?.id, group: 'Viewer', present: true });
  await site.iconik.act({ action: 'edit', user: ada?.id, set: { last_name: 'Byrn' } });
  await site.iconik.act({ action: 'edit', user: tom?.id, set: { status: 'ACTIVE' } });
  await site.writes('iconik');
  const { found } = await pass('iconik');
  const known = new Set(before.map(brief));
  expect(
    found
      .map(brief)
      .filter((one) => !known.has(one))
      .sort(),
  ).toEqual([
    'excess ben.otto@staff iconik:roles/Approver',
    'excess tom.weber@staff account',
    'missing ada.byrne@staff account',
    'missing ada.byrne@staff iconik:team/Marketing',
    'unmanaged ben.otto@staff iconik:roles/Viewer',
  ]);
  expect(found.find(({ what, person }) => person === 'ada.byrne@staff' && what === 'account')?.why).toContain(
    'last_name',
  );
  expect([...known].every((one) => found.map(brief).includes(one))).toBe(true);
});

test('on OTDS: what is granted beside the policy, and what was taken', async () => {
  for (const { login, partition } of company.people) await site.converge(`${login}@${partition}`, 'otds');
  await site.writes('otds');
  expect((await pass('otds')).found.filter(({ kind }) => kind !== 'unmanaged')).toEqual([]);
  await site.hr.drop('ada.byrne@staff', 'Media Library Users@staff');
  await site.hr.join('claire.dubois@staff', 'Media Library Users@staff');
  await site.writes('otds');
  expect((await pass('otds')).found.map(brief).sort()).toEqual([
    'excess claire.dubois@staff otds:group/Media Library Users@staff',
    'missing ada.byrne@staff otds:group/Media Library Users@staff',
  ]);
});
