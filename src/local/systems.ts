/** The stand-ins that run beside Tenure in a local system: one row each, and nothing about one of them anywhere else in this folder. The FTP server, which is a real one, is in `ftp.ts`. */
import { randomBytes, randomUUID } from 'node:crypto';

/** A value that a stand-in is given, and that stands in `local.json` under its key. */
export type Given = {
  /** Environment variable it takes it from: arguments would show in the process table. */
  variable: string;
  /** The argument for the same. Default: the key, with dashes. */
  flag?: string;
  /** Its value where one is started alone; of use on this machine only. */
  usual: string;
  /** How a local system makes its own at its first start. Absent: the usual value, which is no secret. */
  make?: () => string;
  /** Taken from another system's entry instead. */
  sameAs?: readonly [system: string, key: string];
};

export type SystemRow = {
  /** In messages and tables. */
  title: string;
  /** Its program, from the project's folder. */
  file: string;
  /** Distances from the first port of a local system: the vendor's address, and the one where effects are seen and faults planned. */
  ports: { url: number; control: number };
  given: Readonly<Record<string, Given>>;
  /** Other keys of its entry in `local.json`. */
  fixed?: Readonly<Record<string, string>>;
  /** Keys of its entry that the program tells when it is ready. */
  told?: readonly string[];
  /** Systems whose `url` it takes by this argument where they run; it is started after them. */
  asks?: Readonly<Record<string, string>>;
  /** Further arguments in a local system, where the systems that it asks run too. */
  beside?: readonly string[];
  /** A first request to one that was started alone, from its entry of `local.json`. */
  firstRequest: (entry: Readonly<Record<string, string>>) => string;
};

const plain = (variable: string, usual: string): Given => ({ variable, usual });
const secret = (variable: string, usual: string, bytes: number): Given => ({
  variable,
  usual,
  make: () => randomBytes(bytes).toString('base64url'),
});
const JSON_BODY = "-H 'content-type: application/json'";

export const SYSTEMS = {
  otds: {
    title: 'OTDS stand-in',
    file: 'sandbox/otds/main.ts',
    ports: { url: 10, control: 11 },
    given: {
      password: secret('OTDS_SANDBOX_PASSWORD', 'otds-sandbox', 18),
      clientSecret: secret('OTDS_SANDBOX_SECRET', 'otds-sandbox-secret', 24),
    },
    fixed: { user: 'otadmin@otds.admin', partition: 'staff', clientId: 'tenure' },
    firstRequest: ({ url, user, password }) =>
      `curl -s ${JSON_BODY} ${url}/otdsws/rest/authentication/credentials -d '{"userName":"${user}","password":"${password}"}'`,
  },
  iconik: {
    title: 'iconik stand-in',
    file: 'sandbox/iconik/main.ts',
    ports: { url: 20, control: 21 },
    given: {
      appId: { ...plain('ICONIK_SANDBOX_APP_ID', 'e3020d30-6631-5f52-9bdb-7b99ae329e5c'), make: randomUUID },
      authToken: {
        ...secret('ICONIK_SANDBOX_TOKEN', 'iconik-sandbox-service-token-not-a-secret', 32),
        flag: 'token',
      },
    },
    firstRequest: ({ url, appId, authToken }) =>
      `curl -s -H 'App-ID: ${appId}' -H 'Auth-Token: ${authToken}' ${url}/API/users/v1/users/current/`,
  },
  cloudinary: {
    title: 'Cloudinary stand-in',
    file: 'sandbox/cloudinary/main.ts',
    ports: { url: 30, control: 31 },
    given: {
      cloud: plain('CLOUDINARY_SANDBOX_CLOUD', 'northwind'),
      apiKey: plain('CLOUDINARY_SANDBOX_API_KEY', '314159265358979'),
      apiSecret: secret('CLOUDINARY_SANDBOX_API_SECRET', 'cloudinary-sandbox-api-secret', 20),
      accountId: plain('CLOUDINARY_SANDBOX_ACCOUNT_ID', '7b0c1d9e-5f3a-4c52-9e61-0d2f8a7c4b15'),
      provisioningKey: plain('CLOUDINARY_SANDBOX_PROVISIONING_KEY', '271828182845904'),
      provisioningSecret: secret('CLOUDINARY_SANDBOX_PROVISIONING_SECRET', 'cloudinary-sandbox-account-secret', 20),
    },
    firstRequest: ({ url, accountId, provisioningKey, provisioningSecret }) =>
      `curl -s -u ${provisioningKey}:${provisioningSecret} ${url}/v1_1/provisioning/accounts/${accountId}/user_groups`,
  },
  exstream: {
    title: 'Exstream stand-in',
    file: 'sandbox/exstream/main.ts',
    ports: { url: 40, control: 41 },
    given: {
      // Where it asks OTDS, only OTDS's own client counts.
      clientSecret: {
        ...plain('EXSTREAM_SANDBOX_SECRET', 'exstream-sandbox-secret'),
        sameAs: ['otds', 'clientSecret'],
      },
    },
    fixed: { clientId: 'tenure' },
    told: ['tokenUrl'],
    asks: { otds: '--otds' },
    beside: ['--otds-resource', 'Exstream'],
    firstRequest: ({ tokenUrl, clientId, clientSecret }) =>
      `curl -s ${tokenUrl} -d grant_type=client_credentials -d client_id=${clientId} -d client_secret=${clientSecret} -d scope=otds:groups`,
  },
  notifications: {
    title: 'Notifications stand-in',
    file: 'sandbox/notifications/main.ts',
    ports: { url: 50, control: 51 },
    given: {
      user: plain('NOTIFICATIONS_SANDBOX_USER', 'northwind'),
      password: secret('NOTIFICATIONS_SANDBOX_PASSWORD', 'notifications-sandbox', 18),
      clientId: plain('NOTIFICATIONS_SANDBOX_CLIENT_ID', 'tenure-messaging'),
      clientSecret: secret('NOTIFICATIONS_SANDBOX_CLIENT_SECRET', 'notifications-sandbox-secret', 24),
    },
    told: ['tokenUrl'],
    firstRequest: ({ url, user, password }) =>
      `curl -s -u ${user}:${password} ${JSON_BODY} ${url}/mra/v1/outbound/sms -d '{"destinations":[{"sms":"00447700900123"}],"sms_text":"Hello"}'`,
  },
  fcm: {
    title: 'FCM stand-in',
    file: 'sandbox/fcm/main.ts',
    ports: { url: 52, control: 53 },
    given: {},
    told: ['project', 'serviceAccountFile', 'token', 'tokenGone'],
    // A send needs a signed JWT first: sandbox/README.md has the lines.
    firstRequest: ({ url, project }) =>
      `curl -s ${JSON_BODY} ${url}/v1/projects/${project}/messages:send -d '{"message":{}}'   # 401: see sandbox/README.md for an access token`,
  },
  otag: {
    title: 'AppWorks Gateway stand-in',
    file: 'sandbox/otag/main.ts',
    ports: { url: 54, control: 55 },
    given: { appKey: secret('OTAG_SANDBOX_APP_KEY', 'otag-sandbox-app-key', 18) },
    told: ['app'],
    firstRequest: ({ url, app, appKey }) =>
      `curl -s -H 'otagAppKey: ${appKey}' ${url}/deployments/notifications/${app}/seqBounds`,
  },
} as const satisfies Readonly<Record<string, SystemRow>>;

export type SystemName = keyof typeof SYSTEMS;

/** In the order of the table, which is the order of starting. */
export const SYSTEM_NAMES = Object.keys(SYSTEMS) as readonly SystemName[]; // keys of the table

/** Everything that runs beside Tenure: the stand-ins, and the FTP server of the partners. */
export type LocalName = SystemName | 'ftp';
export const LOCAL_NAMES: readonly LocalName[] = [...SYSTEM_NAMES, 'ftp'];

/** The row of a system. */
export const rowOf = (name: SystemName): SystemRow => SYSTEMS[name];

export const isSystem = (name: string): name is SystemName => Object.hasOwn(SYSTEMS, name);

type Table = typeof SYSTEMS;
type Fixed<R> = R extends { fixed: infer F } ? keyof F : never;
type Told<R> = R extends { told: readonly (infer T)[] } ? T : never;
type Key<N extends SystemName> = 'url' | 'control' | keyof Table[N]['given'] | Fixed<Table[N]> | Told<Table[N]>;

/** What `local.json` says of a system. `url` and `control` are origins. */
export type Entry<N extends SystemName> = Readonly<Record<Key<N> & string, string>>;
