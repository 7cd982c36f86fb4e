import { startStandIn } from '../common/standIn.ts';
import type { StandIn } from '../common/standIn.ts';
import type { Entry } from '../common/types.ts';
import { otds, USUAL_SECRETS } from './standIn.ts';

/** For tests: a stand-in on free ports and plain calls to both of its addresses. */

/** Every field that tests read of any reply. */
export type Body = {
  status: number;
  error: string;
  error_description: string;
  errorDetails: unknown;
  ticket: string;
  userId: string;
  access_token: string;
  token_type: string;
  expires_in: number;
  issued_token_type: string;
  id: string;
  uuid: string;
  name: string;
  location: string;
  description: string | null;
  originUUID: string | null;
  numMembers: number;
  values: { name: string; values: string[] }[];
  attributes: Record<string, string[]>;
  users: Body[];
  groups: Body[];
  roles: Body[];
  actualPageSize: number;
  requestedPageSize: number;
  nextPageCookie: string | null;
  user: Body;
  isAdmin: boolean;
  isSysAdmin: boolean;
  secret: string | null;
  resourceDN: string;
  resourceID: string;
  accessRoleList: { name: string }[];
  accessRoleMembers: Record<string, { name: string; displayName: string; location: string; userPartition: string }[]>;
  attributeList: { name: string; values: string[] }[];
  keys: { kid: string; kty: string; n: string; e: string }[];
  paths: Record<string, Record<string, object>>;
  entries: Entry[];
};

export type Answer = { status: number; headers: Headers; text: string; body: Body };

async function answerOf(res: Response): Promise<Answer> {
  const text = await res.text();
  const json = text.startsWith('{');
  return { status: res.status, headers: res.headers, text, body: (json ? JSON.parse(text) : {}) as Body };
}

export type Sandbox = Omit<StandIn, 'control'> & {
  /** A call as administrator; `path` below `/otdsws/rest`, as it stands. `headers` replace the ticket. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  login(userName: string, password: string): Promise<Answer>;
  token(form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
  control(method: string, path: string, body?: unknown): Promise<Answer>;
  plan(fault: object, match?: object, times?: number): Promise<Answer>;
  ledger(): Promise<Entry[]>;
  ticket: string;
};

const JSON_BODY = { 'content-type': 'application/json' };

export async function start(dataDir?: string): Promise<Sandbox> {
  const standIn = await startStandIn(otds(), {
    port: 0,
    controlPort: 0,
    ...(dataDir === undefined ? {} : { dataDir }),
  });
  const send = async (url: string, method: string, body?: unknown, headers: Record<string, string> = {}) =>
    answerOf(
      await fetch(url, {
        method,
        headers: { ...JSON_BODY, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  const login = (userName: string, password: string) =>
    send(`${standIn.url}/otdsws/rest/authentication/credentials`, 'POST', { userName, password });
  const control = (method: string, path: string, body?: unknown) => send(`${standIn.control}${path}`, method, body);
  const sandbox: Sandbox = {
    ...standIn,
    ticket: (await login('otadmin@otds.admin', USUAL_SECRETS.password)).body.ticket,
    call: (method, path, body, headers) =>
      send(`${standIn.url}/otdsws/rest${path}`, method, body, headers ?? { OTDSTicket: sandbox.ticket }),
    login,
    token: async (form, headers = {}) =>
      answerOf(
        await fetch(`${standIn.url}/otdsws/oauth2/token`, { method: 'POST', headers, body: new URLSearchParams(form) }),
      ),
    control,
    plan: (fault, match = {}, times = 1) => control('POST', '/faults', { match, times, fault }),
    ledger: async () => (await control('GET', '/ledger')).body.entries,
  };
  return sandbox;
}

/** One attribute of an object in either form. */
export function attribute(of: Body, name: string): string[] | undefined {
  return of.attributes?.[name] ?? of.values?.find((v) => v.name === name)?.values;
}
