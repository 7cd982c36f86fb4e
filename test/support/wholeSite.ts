/**
 * Every system at once for tests: the example configuration and policy as they are shipped, on stand-ins over real HTTP and a real proftpd, a ledger and
 * the engine. What people have is read from each target, and what they may do is tried with credentials of their own.
 */
import { randomUUID } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { SECRETS as CLOUDINARY_SECRETS } from '../../sandbox/cloudinary/seed.ts';
import { OWNER } from '../../sandbox/iconik/seed.ts';
import { USUAL_SECRETS } from '../../sandbox/notifications/state.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/log.ts';
import { allSystems } from '../../src/systems/all.ts';
import type { Messenger } from '../../src/systems/port.ts';
import { profilesOf } from '../../src/workers/profiles.ts';
import { createSystems } from '../../src/workers/systems.ts';
import {
  asCloudinaryUser,
  asExstreamUser,
  asIconikUser,
  asOtdsUser,
  letThrough,
  Passwords,
  triesOnCloudinary,
  triesOnExstream,
  triesOnIconik,
  triesOnOtds,
  type Ask,
  type Try,
} from './asPerson.ts';
import { startCloudinaryBench, type CloudinaryBench } from './cloudinaryStandIn.ts';
import { furnishExstream } from './exstreamSite.ts';
import { startExstreamBench, type ExstreamBench } from './exstreamStandIn.ts';
import { SEED as LISTS } from './ftpPartners.ts';
import { PASSWORD as FTP_PASSWORD, startProftpd, USER as FTP_USER, type FtpServer } from './ftpServers.ts';
import type { FoundDaemon } from './daemons.ts';
import { Hr } from './hr.ts';
import type { IconikState } from './iconikSeen.ts';
import { startIconikBench, type IconikBench } from './iconikStandIn.ts';
import { OTDS_CLIENT_SECRET, OTDS_PASSWORD, type OtdsBench } from './otdsStandIn.ts';
import { startPushBench, type PushBench } from './pushStandIns.ts';
import { testDir } from './run.ts';
import { attempt, openSiteEngine, type SiteEngine } from './siteEngine.ts';

const CONFIG = fileURLToPath(new URL('../../config/', import.meta.url));

/** Targets where rights are read. */
export const TARGETS = ['otds', 'iconik', 'cloudinary', 'exstream', 'ftp', 'push'] as const;
type TargetName = (typeof TARGETS)[number];

/** What somebody has, by target; sentences of a few words, sorted. */
export type Rights = Record<TargetName, string[]>;

/** Targets where people have credentials. */
type LogIn = Exclude<TargetName, 'ftp' | 'push'>;

/** Somebody's own, by target; undefined: they are not let in. */
export type Credentials = Record<LogIn, Ask | undefined>;

/** What was tried with somebody's own credentials: how much, and which of it was let through. */
export type OwnTries = Record<LogIn, { tried: number; let: string[] }>;

export type WholeSite = SiteEngine & {
  /** The environment and the configuration that a process of Tenure would be given. */
  readonly env: NodeJS.ProcessEnv;
  readonly messenger: Messenger;
  readonly otds: OtdsBench;
  readonly iconik: IconikBench;
  readonly cloudinary: CloudinaryBench;
  readonly exstream: ExstreamBench;
  readonly push: PushBench;
  readonly hr: Hr;
  rights(who: string): Promise<Rights>;
  /** Who stands on a partner's list, in its order. */
  listed(partner: string): string[];
  /** Logs in as the person, everywhere. */
  credentials(who: string): Promise<Credentials>;
  /** All there is to try, with these credentials. */
  tries(who: string, credentials: Credentials): Promise<OwnTries>;
  /** Follows the mailed invitation to Cloudinary, where there is one. */
  accept(who: string): Promise<void>;
  /** Puts the phone of somebody into the registry. */
  carries(who: string): Promise<void>;
  /** iconik's rate limit begins anew. Not while anything is under way. */
  freshQuota(): Promise<void>;
};

/** `proftpd`: without one the site has no file server, and whatever the policy says of it is left out. */
export async function openWholeSite(proftpd: FoundDaemon): Promise<WholeSite> {
  const [exstream, iconik, cloudinary, push, ftp] = await Promise.all([
    startExstreamBench(),
    startIconikBench(),
    startCloudinaryBench(),
    startPushBench(),
    'missing' in proftpd ? undefined : startLists(proftpd),
  ]);
  const { otds } = exstream;
  const hr = new Hr(otds);
  await furnishExstream(exstream, hr);
  const env = environment({ otds, iconik, cloudinary, exstream, push, ftp });
  const config = loadConfig(env['TENURE_CONFIG'] ?? '', { env });
  const kept = { devices: push.ledger.devices, notices: push.ledger.notices };
  const systems = createSystems(config, env, createLogger({ level: 'silent' }), allSystems, kept);
  const { directory, messenger } = systems;
  if (!messenger) throw new Error('The example configuration has no push.');
  const engine = await openSiteEngine({
    directory,
    targets: Object.fromEntries(Object.entries(systems.targets).map(([name, { target }]) => [name, target])),
    profiles: profilesOf(config),
    policy: readFileSync(join(CONFIG, 'policy.yaml'), 'utf8'),
  });
  const owner = iconik.client({ config: { appId: OWNER.appId }, token: OWNER.token });
  const letters = exstream.client({ otherGroups: [] });
  const passwords = new Passwords(otds);
  const emailOf = async (who: string) => (await otds.person(who)).fields['email'] ?? '';
  const site: WholeSite = {
    ...engine,
    env,
    messenger,
    otds,
    iconik,
    cloudinary,
    exstream,
    push,
    hr,
    async rights(who) {
      const person = await otds.person(who);
      const email = person.fields['email'] ?? '';
      const { rights } = await letters.effectiveRights({ person }, attempt());
      return {
        otds: await otdsRights(otds, who),
        iconik: await iconikRights(iconik, owner, email),
        cloudinary: await cloudinaryRights(cloudinary, email),
        exstream: rights
          .filter(({ permissions }) => permissions?.length)
          .map(({ role, domain }) => `${role}@${domain}`),
        ftp: ftp ? PARTNERS.filter((partner) => ftp.names(partner).includes(who)) : [],
        push: (await push.ledger.devices.devicesOf(person.uuid)).map(({ platform }) => platform),
      };
    },
    listed: (partner) => ftp?.names(partner) ?? [],
    async credentials(who) {
      const email = await emailOf(who);
      await passwords.give(who);
      return {
        otds: await asOtdsUser(otds, who),
        iconik: await asIconikUser(iconik, email),
        cloudinary: await asCloudinaryUser(cloudinary, email),
        exstream: await asExstreamUser(exstream, who),
      };
    },
    async tries(who, as) {
      const told = (tries: Try[] = []) => ({ tried: tries.length, let: letThrough(tries) });
      const domains = Object.keys(exstream.config.domains);
      return {
        otds: told(as.otds && (await triesOnOtds(as.otds, who))),
        iconik: told(as.iconik && (await triesOnIconik(iconik, as.iconik, await emailOf(who)))),
        cloudinary: told(as.cloudinary && (await triesOnCloudinary(cloudinary, as.cloudinary, who))),
        exstream: told(as.exstream && (await triesOnExstream(as.exstream, domains))),
      };
    },
    async accept(who) {
      const email = (await emailOf(who)).toLowerCase();
      const { users } = await cloudinary.state();
      if (Object.values(users).some((one) => one.email.toLowerCase() === email && one.pending))
        await cloudinary.act({ action: 'acceptInvitation', email });
    },
    carries: async (who) => await push.register(await otds.person(who), 'fcm'),
    async freshQuota() {
      const state = await iconik.control('GET', '/state');
      await iconik.control('PUT', '/state', { ...state, rates: {} });
    },
    async close() {
      await engine.close();
      await systems.close();
      await Promise.all([exstream, iconik, cloudinary, push].map(async (one) => await one.close()));
      await ftp?.server.close();
    },
  };
  return site;
}

const PARTNERS = ['acme', 'printco'];

type Lists = { server: FtpServer; names(partner: string): string[] };

/** The lists of the example's partners on a server; each has a row of the partner's own. */
async function startLists(proftpd: Exclude<FoundDaemon, { missing: string }>): Promise<Lists> {
  const server = await startProftpd(proftpd);
  const files = { acme: LISTS.acme, printco: 'user,note\npress@printco,\n' };
  for (const [partner, text] of Object.entries(files)) {
    writeFileSync(join(server.home, `${partner}.csv`), text);
    chmodSync(join(server.home, `${partner}.csv`), 0o666);
  }
  const names = (partner: string): string[] => {
    const text = readFileSync(join(server.home, `${partner}.csv`), 'utf8');
    const rows = parse(text, { columns: true, comment: '#', comment_no_infix: true });
    return (rows as Record<string, string>[]).map((row) => row['user'] ?? '');
  };
  return { server, names };
}

type Benches = {
  otds: OtdsBench;
  iconik: IconikBench;
  cloudinary: CloudinaryBench;
  exstream: ExstreamBench;
  push: PushBench;
  ftp: Lists | undefined;
};

/** What a process of Tenure is given: addresses and credentials by the names of the example, and the example itself with short limits. */
function environment({ otds, iconik, cloudinary, exstream, push, ftp }: Benches): NodeJS.ProcessEnv {
  const file = join(testDir(), `tenure-${randomUUID()}.yaml`);
  const yaml = readFileSync(join(CONFIG, 'tenure.yaml'), 'utf8')
    .replace('policyFile: policy.yaml', `policyFile: ${join(CONFIG, 'policy.yaml')}`)
    .replace(/requestMs: \d+, perSecond: \d+, concurrent: \d+/g, 'requestMs: 5000, perSecond: 5000, concurrent: 8');
  writeFileSync(file, yaml);
  const { accountId, provisioningKey, provisioningSecret, cloud, apiKey, apiSecret } = CLOUDINARY_SECRETS;
  return {
    TENURE_CONFIG: file,
    ...(ftp
      ? {
          FTP_HOST: `127.0.0.1:${ftp.server.ports.ftp}`,
          FTP_USER,
          FTP_PASSWORD,
          FTP_CA: ftp.server.ca,
          FTP_FOLDER: ftp.server.home,
        }
      : { TENURE_SYSTEMS: TARGETS.filter((name) => name !== 'ftp').join(',') }),
    OTDS_URL: new URL(otds.config.url).origin,
    OTDS_USER: 'otadmin@otds.admin',
    OTDS_PASSWORD,
    ICONIK_URL: iconik.config.url,
    ICONIK_APP_ID: iconik.config.appId,
    ICONIK_AUTH_TOKEN: iconik.token,
    CLOUDINARY_URL: cloudinary.config.url,
    CLOUDINARY_ACCOUNT_ID: accountId,
    CLOUDINARY_PROVISIONING_KEY: provisioningKey,
    CLOUDINARY_PROVISIONING_SECRET: provisioningSecret,
    CLOUDINARY_CLOUD: cloud,
    CLOUDINARY_API_KEY: apiKey,
    CLOUDINARY_API_SECRET: apiSecret,
    EXSTREAM_URL: exstream.config.url,
    EXSTREAM_TOKEN_URL: exstream.config.tokenUrl,
    EXSTREAM_CLIENT_ID: 'tenure',
    EXSTREAM_CLIENT_SECRET: OTDS_CLIENT_SECRET,
    FCM_URL: push.fcm.url,
    FCM_SERVICE_ACCOUNT_FILE: push.block({}).fcm?.serviceAccount.replace('file:', ''),
    NOTIFICATIONS_URL: push.notifications.url,
    NOTIFICATIONS_USER: USUAL_SECRETS.user,
    NOTIFICATIONS_PASSWORD: USUAL_SECRETS.password,
  };
}

type OtdsAccess = Record<'groups' | 'accessRoles', { name: string; how: string }[]>;

/** Groups and access roles by whichever way. */
async function otdsRights(otds: OtdsBench, who: string): Promise<string[]> {
  const { groups, accessRoles } = (await otds.control(
    'GET',
    `/state/access/${encodeURIComponent(who)}`,
  )) as unknown as OtdsAccess; // what the stand-in shows of itself
  return [...groups, ...accessRoles].map(({ name }) => name).sort();
}

async function iconikRights(
  bench: IconikBench,
  owner: ReturnType<IconikBench['client']>,
  email: string,
): Promise<string[]> {
  const id = await bench.idOf(email).catch(() => undefined);
  if (id === undefined) return [];
  const { users } = (await bench.control('GET', '/state')) as IconikState;
  if (users[id]?.status !== 'ACTIVE') return [];
  const { roles, collections } = await owner.effectiveRights(id, attempt());
  return [...roles, ...collections.map(({ path, permissions }) => `${permissions.join(' ')} ${path}`)].sort();
}

async function cloudinaryRights(bench: CloudinaryBench, email: string): Promise<string[]> {
  const id = await bench.idOf(email).catch(() => undefined);
  if (id === undefined) return [];
  const { everything, folders, collections } = await bench.system.effectiveRights(id, attempt());
  const on = Object.entries({ ...folders, ...collections }).map(([path, { may }]) => `${may.join(' ')} ${path}`);
  return [...(everything === undefined ? [] : [`everything: ${everything}`]), ...on].sort();
}
