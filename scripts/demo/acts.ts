/** The three acts. Each says what happens, does it as HR and operators would, and checks it against the systems themselves. */
import type { LocalJson } from '../../src/local/files.ts';
import type { Audience } from './audience.ts';
import type { Checks } from './checks.ts';
import { ADA_IS, BEN_IS, NORA_IS } from './expected.ts';
import { ask } from './http.ts';
import type { HumanResources } from './humanResources.ts';
import type { Somebody, Witness } from './witness.ts';

export type Stage = {
  config: LocalJson;
  audience: Audience;
  checks: Checks;
  hr: HumanResources;
  witness: Witness;
  say: (line: string) => void;
};

const somebody = (login: string, manager: string): Somebody => ({
  login,
  who: `${login}@staff`,
  mail: `${login}@northwind.example`,
  manager: `${manager}@staff`,
});
const NORA = somebody('nora.quinn', 'grace.lee');
const BEN = somebody('ben.otto', 'kofi.mensah');
const ADA = somebody('ada.byrne', 'grace.lee');

/** Nora is new in marketing, designs letters, and is to administer the media library: that needs a yes from security. */
export async function joiner({ config, audience, checks, hr, witness, say }: Stage): Promise<void> {
  const act = 'Nora, joiner';
  say('\nA joiner: HR enters Nora Quinn in OTDS, in Marketing Editors, Letter Designers and Media Admins.');
  await hr.hire(
    NORA.login,
    {
      givenName: 'Nora',
      sn: 'Quinn',
      displayName: 'Nora Quinn',
      mail: NORA.mail,
      oTExtraAttr0: 'employee',
      oTDepartment: 'Marketing',
      oTExtraAttr3: 'EMEA',
      oTExtraAttr4: 'Brand',
      oTExtraAttr5: NORA.manager,
    },
    ['Marketing Editors@staff', 'Letter Designers@staff', 'Media Admins@staff'],
  );
  await newPhone(config, audience, await witness.uuidOf(NORA));
  checks.everywhere(act, 'before', await witness.of(NORA), NORA_IS.before);

  const run = await audience.start('onboarding', { person: NORA.who });
  await audience.when(run, NORA.who, 'the approval to be asked for', (s) => s.stage === 'approval');
  checks.everywhere(act, 'while the approval waits', await witness.of(NORA), NORA_IS.waiting);

  say('  Grace Lee, a security approver, says yes:');
  await audience.decide(run, {
    decision: 'approve',
    by: 'grace.lee@staff',
    reason: 'runs the spring campaign',
    item: 'media-library-admin',
  });
  const result = await audience.result(run, NORA.who);
  checks.same(act, 'at the end', 'the run', result.outcome, 'done');
  checks.everywhere(act, 'at the end', await witness.of(NORA), NORA_IS.after);
}

/** Nora gets a phone of the company and opens the app. */
async function newPhone({ fcm }: LocalJson, audience: Audience, person: string): Promise<void> {
  if (fcm === undefined) return;
  const token = `${NORA.login}:APA91b${'demo'.repeat(20)}`;
  const body = { action: 'register', user: NORA.who, token };
  await ask(`${fcm.control}/act`, { method: 'POST', body });
  await audience.openApp(person, token);
}

/** Ben moves from post-production to marketing: new access at once, old access five days longer, but where a rule gives no grace. */
export async function mover({ audience, checks, hr, witness, say }: Stage): Promise<void> {
  const act = 'Ben, mover';
  say(
    '\nA mover: Ben Otto works in post-production and runs letters; his access is put in order, then HR moves him to marketing.',
  );
  await hr.join(BEN.login, ['Letter Operators@staff']);
  await audience.result(await audience.start('onboarding', { person: BEN.who }), BEN.who);
  checks.everywhere(act, 'before', await witness.of(BEN), BEN_IS.before);
  await hr.drop(BEN.login, ['Post Production@staff', 'Letter Operators@staff']);
  await hr.join(BEN.login, ['Marketing Editors@staff', 'Letter Designers@staff']);
  await hr.set(BEN.login, { oTDepartment: 'Marketing' });

  const run = await audience.start('roleChange', { person: BEN.who });
  await audience.when(run, BEN.who, 'the grace', (s) => s.stage === 'grace');
  checks.everywhere(act, 'in the grace', await witness.of(BEN), BEN_IS.inGrace);
  await audience.advance(run, 6);
  const result = await audience.result(run, BEN.who);
  checks.same(act, 'at the end', 'the run', result.outcome, 'done');
  checks.everywhere(act, 'at the end', await witness.of(BEN), BEN_IS.after);
}

/** Ada leaves today: disabled first everywhere, then stripped, looked at again a day later. */
export async function leaver({ audience, checks, hr, witness, say }: Stage): Promise<void> {
  const act = 'Ada, leaver';
  say(
    '\nA leaver: Ada Byrne, in iconik and Cloudinary before Tenure by e-mail in other case, gets her access, then leaves.',
  );
  await hr.join(ADA.login, ['Letter Authors@staff']);
  await audience.result(await audience.start('onboarding', { person: ADA.who }), ADA.who);
  checks.everywhere(act, 'before', await witness.of(ADA), ADA_IS.before);

  const by = 'grace.lee@staff';
  const run = await audience.start('offboarding', { person: ADA.who, by, reason: 'new job elsewhere' });
  await audience.when(run, ADA.who, 'the last check', (s) => s.stage === 'last check');
  await audience.advance(run, 1.1);
  const result = await audience.result(run, ADA.who);
  checks.same(act, 'at the end', 'the run', result.outcome, 'done');
  checks.everywhere(act, 'at the end', await witness.of(ADA), ADA_IS.after);
}
