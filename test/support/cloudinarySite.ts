/** OTDS and Cloudinary side by side for tests: stand-ins over real HTTP, the real clients, a policy of Cloudinary alone, a ledger and the engine. */
import { fileURLToPath } from 'node:url';
import type { ConvergeSummary } from '../../src/activities/types.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { PersonRef } from '../../src/domain/person.ts';
import type { PostgresLedger } from '../../src/ledger/index.ts';
import type { EffectiveRights } from '../../src/systems/cloudinary/rights.ts';
import { profilesOf } from '../../src/workers/profiles.ts';
import { asCloudinaryUser, triesOnCloudinary, type Try } from './asPerson.ts';
import { seenUsers, type SeenUser } from './cloudinarySeen.ts';
import { mail, startCloudinaryBench, type CloudinaryBench } from './cloudinaryStandIn.ts';
import { Hr } from './hr.ts';
import { startOtdsBench } from './otdsStandIn.ts';
import { attempt, openSiteEngine } from './siteEngine.ts';

const CONFIG = fileURLToPath(new URL('../../config/tenure.yaml', import.meta.url));
const ENV = { OTDS_URL: 'http://127.0.0.1:1', ICONIK_URL: 'http://127.0.0.1:1', ICONIK_APP_ID: 'unused' };

/** Who gets what in Cloudinary; what a shop would write. */
const CLOUDINARY_POLICY = `
version: 1
managed:
  - cloudinary:group/*
  - cloudinary:environment/*
  - cloudinary:account-role/*
  - cloudinary:role/*@*
  - cloudinary:folder/**@*
  - cloudinary:collection/*@*
  - cloudinary:content/**@*
  - cloudinary:key/*@*
protected: [person:break-glass@otds.admin]
grace: 0 days
accounts:
  cloudinary: { whenUnused: disable }
rules:
  - name: cloudinary-marketing-region
    when: '"Marketing Editors@staff" in person.groups && has(person.region) && person.region in ["EMEA", "Americas", "APAC"]'
    grant:
      - cloudinary:environment/northwind
      - cloudinary:role/ml_user@northwind
      - cloudinary:folder/Marketing/\${person.region}#contributor@northwind
      - cloudinary:folder/Marketing/Campaigns#viewer@northwind
  - name: cloudinary-marketing-brand
    when: '"Marketing Editors@staff" in person.groups && has(person.unit) && person.unit == "Brand"'
    grant: [cloudinary:group/Marketing]
  - name: cloudinary-post-production
    when: '"Post Production@staff" in person.groups'
    grant: [cloudinary:environment/northwind, cloudinary:group/Post Production]
  - name: cloudinary-legal-review
    when: '"Legal Review@staff" in person.groups'
    grant:
      - cloudinary:environment/northwind
      - cloudinary:group/Legal
      - cloudinary:folder/Marketing#campaign_reviewer@northwind
  - name: cloudinary-agencies
    when: '"Agency Editors@contractors" in person.groups'
    grant:
      - cloudinary:environment/northwind
      - cloudinary:role/ml_user@northwind
      - cloudinary:folder/Contractors#contributor@northwind
  - name: cloudinary-print
    when: '"Print Partners@partners" in person.groups'
    grant:
      - cloudinary:environment/northwind
      - cloudinary:role/ml_user@northwind
      - cloudinary:folder/Finished#viewer@northwind
`;

export type CloudinarySite = {
  readonly ledger: PostgresLedger;
  readonly cloudinary: CloudinaryBench;
  readonly hr: Hr;
  /** What is due, without doing it. */
  resolve(who: string): Promise<void>;
  /** Resolve and converge on Cloudinary. */
  settle(who: string): Promise<ConvergeSummary>;
  person(who: string): Promise<PersonRef>;
  /** Users of Cloudinary with the e-mail of that login. */
  seen(login: string): Promise<SeenUser[]>;
  /** The person follows the mailed invitation. */
  accept(login: string): Promise<void>;
  rights(login: string): Promise<EffectiveRights>;
  /** Paths that Cloudinary itself lets the person see. */
  visible(login: string): Promise<string[]>;
  /** Every folder of the environment, seen and added to with a token of their own. */
  tries(login: string): Promise<Try[]>;
  close(): Promise<void>;
};

export async function openCloudinarySite(): Promise<CloudinarySite> {
  const [otds, cloudinary] = await Promise.all([startOtdsBench(), startCloudinaryBench()]);
  const config = loadConfig(CONFIG, { env: ENV, secrets: 'skip' });
  const engine = await openSiteEngine({
    directory: otds.otds.directory,
    targets: { cloudinary: cloudinary.system.target },
    profiles: profilesOf({ ...config, systems: { otds: otds.config, cloudinary: cloudinary.config } }),
    policy: CLOUDINARY_POLICY,
  });
  const site: CloudinarySite = {
    ledger: engine.ledger,
    cloudinary,
    hr: new Hr(otds),
    resolve: async (who) => void (await engine.resolve(who)),
    async settle(who) {
      await engine.resolve(who);
      return await engine.converge(who, 'cloudinary');
    },
    person: async (who) => await engine.person(who),
    seen: async (login) => seenUsers(await cloudinary.state(), mail(login)),
    accept: async (login) => void (await cloudinary.act({ action: 'acceptInvitation', email: mail(login) })),
    async rights(login) {
      return await cloudinary.system.effectiveRights(await cloudinary.idOf(mail(login)), attempt());
    },
    async visible(login) {
      const { access } = await cloudinary.state();
      const [row] = Object.entries(access).filter(([email]) => email.toLowerCase() === mail(login));
      return (row?.[1] ?? []).map(({ folder, environment }) => `${environment}/${folder}`).sort();
    },
    async tries(login) {
      const ask = await asCloudinaryUser(cloudinary, mail(login));
      return ask ? await triesOnCloudinary(cloudinary, ask, login) : [];
    },
    async close() {
      await engine.close();
      await Promise.all([otds.close(), cloudinary.close()]);
    },
  };
  return site;
}
