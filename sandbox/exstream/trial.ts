import { Controlled } from '../common/controlled.ts';
import { startStandIn } from '../common/standIn.ts';
import { SECRETS } from './seed.ts';
import type { ExstreamOptions } from './standIn.ts';
import { exstreamStandIn } from './standIn.ts';

/** For tests: the stand-in served on free ports, spoken to over HTTP only. */

export const DAS = '/design/api/v1';
export const ORC = '/orchestration/api/v1';
export const PROD = 'Production';
export const DEV = 'Development';

/** What any of the routes may answer inside its envelope, all together: tests read what they expect. */
export type Item = {
  id: string;
  name: string;
  type: string;
  state: string;
  version: number;
  locked: boolean;
  lockedBy?: string;
  status: string;
  group: string;
  roleName: string;
  roleId: string;
  domain: { id: string };
  permissions: string;
  objectType: string;
  createdBy: string;
  lastModifiedBy: string;
  latestVersion: boolean;
  approvalInfo?: {
    state: string;
    pending: boolean;
    approvals: { role: string; level: number; approved: boolean; pending: boolean }[];
  };
  historyType?: string;
  auditedComment: string;
  modifiedBy: string;
  jobId: string;
  mode: string;
  triggeredBy: string;
  externalId: string;
  stepType: string;
  displayName: string;
  msg: string;
  content: string;
  mimeType: string;
  linkObjectId: string;
  groups: string[];
  roles: { id: string; name: string }[];
  isTenantAdmin: boolean;
  deliveryFileRetrievable: boolean;
};
export type Body = {
  status: string | number;
  data: Item[] & Item;
  page: { pageSize: number; pageOffset: number; totalElements: number; totalPages: number; currentPageNumber: number };
  timestamp: number;
  message: string;
  error: string;
  errorCode: number;
  path: string;
  access_token: string;
  refresh_token: string;
  expires_in: number;
  ticket: string;
  dsnlist: { prodDsn: string; resourceId: string }[];
  queueList: { driver: string }[];
  documentId: string;
};
export type Answer = { status: number; headers: Headers; body: Body; text: string; bytes: Buffer };
type Sent = { as?: string | null; body?: unknown; headers?: Record<string, string> };

export class Trial extends Controlled<Record<string, string>> {
  readonly #tokens = new Map<string, string>();

  /** A token of a person (`login@partition`), of a client (`tenure`), each asked for once. */
  async token(who: string): Promise<string> {
    const known = this.#tokens.get(who);
    if (known !== undefined) return known;
    const form = who.includes('@')
      ? { grant_type: 'password', username: who, password: SECRETS.password, client_id: 'web' }
      : { grant_type: 'client_credentials', client_id: who, client_secret: SECRETS.clientSecret };
    const reply = await this.raw('POST', '/otdstenant/northwind/oauth2/token', {
      as: null,
      body: new URLSearchParams(form),
    });
    if (reply.status !== 200) throw new Error(`No token for ${who}: ${reply.text}`);
    this.#tokens.set(who, reply.body.access_token);
    return reply.body.access_token;
  }

  /** Forgets the tokens kept here, so that the next call asks for new ones. */
  forget(): void {
    this.#tokens.clear();
  }

  /** One request as our service client, or as somebody else (`null`: without a token). `path` follows the origin. */
  async raw(method: string, path: string, { as = 'tenure', body, headers = {} }: Sent = {}): Promise<Answer> {
    const auth: Record<string, string> = as === null ? {} : { authorization: `Bearer ${await this.token(as)}` };
    const plain = typeof body === 'string' || body instanceof FormData || body instanceof URLSearchParams;
    const type: Record<string, string> = body === undefined || plain ? {} : { 'content-type': 'application/json' };
    const reply = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...auth, ...type, ...headers },
      ...(body === undefined ? {} : { body: plain ? body : JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await reply.arrayBuffer());
    const text = bytes.toString('utf8');
    const isJson = (reply.headers.get('content-type') ?? '').startsWith('application/json') && text !== '';
    return {
      status: reply.status,
      headers: reply.headers,
      text,
      bytes,
      body: (isJson ? JSON.parse(text) : {}) as Body,
    };
  }

  das(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    return this.raw(method, `${DAS}${path}`, sent);
  }

  orc(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    return this.raw(method, `${ORC}${path}`, sent);
  }

  /** The asset of that name and type. */
  async asset(domain: string, name: string, type = 'exstrapplication'): Promise<Item> {
    const { body } = await this.das(
      'GET',
      `/resources/${encodeURIComponent(domain)}?filter.types=${type}&filter.latestVersion=true`,
    );
    const found = body.data.find((one) => one.name === name);
    if (!found) throw new Error(`${domain} has no ${type} ${name}.`);
    return found;
  }

  /** Submits a seeded communication of Production to a service. */
  async submit(
    name: string,
    driver: string,
    o: { service?: string; data?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const { id } = await this.asset(PROD, name);
    return this.orc('POST', `/inputs/ondemand/${PROD}/${o.service ?? 'generate'}`, {
      body: o.data ?? { customerNumber: '1001' },
      headers: { communicationId: id, driverDataSource: driver, ...o.headers },
    });
  }
}

const running: Trial[] = [];

export async function startTrial(o: ExstreamOptions & { dataDir?: string } = {}): Promise<Trial> {
  const { dataDir, ...options } = o;
  const where = { port: 0, controlPort: 0, ...(dataDir === undefined ? {} : { dataDir }) };
  const trial = new Trial(await startStandIn(exstreamStandIn(options), where));
  running.push(trial);
  return trial;
}

/** Ends every trial that is still running, those too that a failed test left behind. */
export async function endTrials(): Promise<void> {
  for (const trial of running.splice(0)) await trial.close();
}
