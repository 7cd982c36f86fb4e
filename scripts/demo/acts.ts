/** The three acts. Each says what happens, does it as HR and operators would, and checks it against the systems themselves. */
import type { Audience } from './audience.ts';
import type { Checks } from './checks.ts';
import type { HumanResources } from './humanResources.ts';

export type Stage = { audience: Audience; checks: Checks; hr: HumanResources; say: (line: string) => void };

const NORA = 'nora.quinn@staff';
const NORA_MAIL = 'nora.quinn@northwind.example';
const BEN = 'ben.otto@staff';
const BEN_MAIL = 'ben.otto@northwind.example';
const ADA = 'ada.byrne@staff';
const ADA_MAIL = 'ada.byrne@northwind.example';

/** Nora is new in marketing, and is to administer the media library: that needs a yes from security. */
export async function joiner({ audience, checks, hr, say }: Stage): Promise<void> {
  say('\nA joiner: HR enters Nora Quinn in OTDS, in Marketing Editors and Media Admins.');
  const attributes = {
    givenName: 'Nora',
    sn: 'Quinn',
    mail: NORA_MAIL,
    oTExtraAttr0: 'employee',
    oTDepartment: 'Marketing',
    oTExtraAttr3: 'EMEA',
    oTExtraAttr4: 'Brand',
    oTExtraAttr5: 'grace.lee@staff',
  };
  await hr.hire('nora.quinn', attributes, ['Marketing Editors@staff', 'Media Admins@staff']);
  checks.same('joiner', 'iconik before', await hr.onIconik(NORA_MAIL), undefined);

  const run = await audience.start('onboarding', { person: NORA });
  await audience.when(run, NORA, 'the approval to be asked for', (s) => s.stage === 'approval');
  const birthright = await hr.onIconik(NORA_MAIL);
  checks.same('joiner', 'iconik teams while the approval waits', birthright?.teams, [
    'Everyone',
    'Marketing',
    'Marketing EMEA',
    'Unit Brand',
  ]);
  checks.same('joiner', 'iconik roles while the approval waits', birthright?.roles, ['Reviewer']);

  say('  Grace Lee, a security approver, says yes:');
  await audience.decide(run, {
    decision: 'approve',
    by: 'grace.lee@staff',
    reason: 'runs the spring campaign',
    item: 'media-library-admin',
  });
  const result = await audience.result(run, NORA);
  checks.same('joiner', 'result of the run', result.outcome, 'done');
  checks.same('joiner', 'iconik roles after the yes', (await hr.onIconik(NORA_MAIL))?.roles, [
    'Media Library Admin',
    'Reviewer',
  ]);
}

/** Ben moves from post-production to marketing: new access at once, old access five days longer. */
export async function mover({ audience, checks, hr, say }: Stage): Promise<void> {
  say('\nA mover: Ben Otto works in post-production; his access is put in order, then HR moves him to marketing.');
  await audience.result(await audience.start('onboarding', { person: BEN }), BEN);
  await hr.drop('ben.otto', 'Post Production@staff');
  await hr.join('ben.otto', ['Marketing Editors@staff']);
  await hr.set('ben.otto', { oTDepartment: 'Marketing' });

  const run = await audience.start('roleChange', { person: BEN });
  await audience.when(run, BEN, 'the grace', (s) => s.stage === 'grace');
  const during = await hr.onIconik(BEN_MAIL);
  checks.same('mover', 'iconik roles during the grace', during?.roles, ['Editor', 'Reviewer']);
  await audience.advance(run, 6);
  const result = await audience.result(run, BEN);
  checks.same('mover', 'result of the run', result.outcome, 'done');
  const after = await hr.onIconik(BEN_MAIL);
  checks.same('mover', 'iconik roles after the grace', after?.roles, ['Reviewer']);
  checks.same('mover', 'still in team Post Production', after?.teams.includes('Post Production'), false);
}

/** Ada leaves today: disabled first everywhere, then stripped, looked at again a day later. */
export async function leaver({ audience, checks, hr, say }: Stage): Promise<void> {
  say(
    '\nA leaver: Ada Byrne (whose iconik user was there before Tenure, by e-mail in other case) gets her access, then leaves.',
  );
  await audience.result(await audience.start('onboarding', { person: ADA }), ADA);
  checks.same('leaver', 'iconik teams before', (await hr.onIconik(ADA_MAIL))?.teams.includes('Marketing'), true);

  const run = await audience.start('offboarding', { person: ADA, by: 'grace.lee@staff', reason: 'new job elsewhere' });
  await audience.when(run, ADA, 'the last check', (s) => s.stage === 'last check');
  await audience.advance(run, 1.1);
  const result = await audience.result(run, ADA);
  checks.same('leaver', 'result of the run', result.outcome, 'done');
  const after = await hr.onIconik(ADA_MAIL);
  checks.same('leaver', 'iconik status', after?.status, 'INACTIVE');
  checks.same('leaver', 'iconik roles', after?.roles, []);
  checks.same(
    'leaver',
    'in a team that gives access',
    after?.teams.some((t) => !['Everyone', 'Former Members'].includes(t)),
    false,
  );
  checks.same('leaver', 'OTDS account disabled', await hr.disabled('ada.byrne'), true);
}
