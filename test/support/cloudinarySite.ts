/** OTDS and Cloudinary side by side for tests: stand-ins over real HTTP, the real clients, a policy of Cloudinary alone, a ledger and the engine. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConvergeSummary } from '../../src/activities/types.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { PersonRef } from '../../src/domain/person.ts';
import { createLedger, type PostgresLedger } from '../../src/ledger/index.ts';
import { createLogger } from '../../src/log.ts';
import { PolicyHolder } from '../../src/policy/holder.ts';
import { converge } from '../../src/provisioning/converge.ts';
import type { Attempt, EngineDeps } from '../../src/provisioning/engine.ts';
import { resolve } from '../../src/provisioning/resolve.ts';
import type { EffectiveRights } from '../../src/systems/cloudinary/rights.ts';
import { profilesOf } from '../../src/workers/profiles.ts';
import { seenUsers, type SeenUser } from './cloudinarySeen.ts';
import { mail, startCloudinaryBench, type CloudinaryBench } from './cloudinaryStandIn.ts';
import { Hr } from './hr.ts';
import { startOtdsBench } from './otdsStandIn.ts';
import { SETTINGS } from './rig.ts';
import { testDir } from './run.ts';
import { freshDatabase } from './server.ts';

const CONFIG = fileURLToPath(new URL('../../config/tenure.yaml', import.meta.url));
const ENV = { OTDS_URL: 'http://127.0.0.1:1', ICONIK_URL: 'http://127.0.0.1:1', ICONIK_APP_ID: 'unused' };

/** Who gets what in Cloudinary; what a shop would write. */
const POLICY = `
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
  /** Asks Cloudinary as that person would, with a token of their own: the status. */
  ask(login: string, method: string, path: string, body?: object): Promise<number>;
  close(): Promise<void>;
};

export async function openCloudinarySite(): Promise<CloudinarySite> {
  const [otds, cloudinary, database] = await Promise.all([startOtdsBench(), startCloudinaryBench(), freshDatabase()]);
  const file = join(testDir(), `policy-${randomUUID()}.yaml`);
  writeFileSync(file, POLICY);
  const holder = new PolicyHolder({ file });
  const short = { firstMs: 20, longestMs: 50 };
  const ledger = createLedger({ url: database.url, failureWait: short, openWait: short });
  const config = loadConfig(CONFIG, { env: ENV, secrets: 'skip' });
  const deps: EngineDeps = {
    ledger,
    directory: otds.otds.directory,
    targets: { cloudinary: { target: cloudinary.system.target, mode: 'enforce' } },
    policy: () => holder.current(),
    profiles: profilesOf({ ...config, systems: { otds: otds.config, cloudinary: cloudinary.config } }),
    settings: { ...SETTINGS, leaversPerPass: 10 },
    log: createLogger({ level: 'silent' }),
  };
  const attempt = (): Attempt => ({
    holder: randomUUID(),
    now: new Date().toISOString(),
    signal: new AbortController().signal,
    heartbeat: () => {},
  });
  const site: CloudinarySite = {
    ledger,
    cloudinary,
    hr: new Hr(otds),
    resolve: async (who) => void (await resolve(deps, who, undefined, attempt())),
    async settle(who) {
      await site.resolve(who);
      const person = await site.person(who);
      return await converge(deps, { person, target: 'cloudinary', mode: 'apply' }, attempt());
    },
    async person(who) {
      const known = await ledger.personByWho(who);
      if (!known) throw new Error(`The ledger does not know ${who}: settle first.`);
      return known;
    },
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
    async ask(login, method, path, body) {
      const { result } = await cloudinary.act({ action: 'issueToken', user: mail(login) });
      const { token } = result as { token: string }; // what the stand-in answers to this action
      const reply = await fetch(`${cloudinary.config.url}/v1_1/northwind${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      await reply.arrayBuffer();
      return reply.status;
    },
    async close() {
      await ledger.close();
      await database.drop();
      await Promise.all([otds.close(), cloudinary.close()]);
    },
  };
  return site;
}
