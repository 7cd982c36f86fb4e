import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { OtdsConfig } from '../../config/types.ts';
import { SystemError } from '../errors.ts';
import { createHttp } from '../http.ts';
import { TransportError } from '../transport.ts';
import { DEFAULT_CHOICES } from './choices.ts';
import { createSession } from './session.ts';

type Reply = { status: number; body?: object | string };
type Seen = { path: string; body: string; ticket: string | undefined; authorization: string | undefined };

const servers: Server[] = [];
const never = new AbortController().signal;
const TICKET = { ticketType: 'OTDSTICKET' };
const limits = { requestMs: 2000, perSecond: 1000, concurrent: 8 };
const base: OtdsConfig = {
  url: '',
  mode: 'enforce',
  user: 'svc@otds.admin',
  password: 'env:PW',
  partitions: ['staff'],
  synchronised: [],
  attributes: {
    type: 'a',
    startAt: 'b',
    endAt: 'c',
    manager: 'd',
    email: 'e',
    department: 'f',
    region: 'g',
    unit: 'h',
    language: 'i',
  },
  limits,
};

async function session(
  answer: (seen: Seen, nth: number) => Reply | undefined,
  more: Partial<OtdsConfig> = {},
  secret = () => 'pw-s3cret',
) {
  const seen: Seen[] = [];
  const server = createServer((req, res) => {
    void bodyOf(req).then((body) => {
      const { otdsticket, authorization } = req.headers;
      const one = { path: req.url ?? '', body, ticket: String(otdsticket ?? '') || undefined, authorization };
      seen.push(one);
      const reply = answer(one, seen.filter((s) => s.path === one.path).length);
      if (!reply) return;
      res.writeHead(reply.status).end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const config = { ...base, ...more, url };
  const http = createHttp({ system: 'otds', baseUrl: url, limits: config.limits });
  const get = (signal = never) => open.send({ method: 'GET', path: '/rest/x', signal });
  const open = createSession({ config, http, secret, choices: DEFAULT_CHOICES });
  return { seen, get, open, logins: () => seen.filter((s) => s.path !== '/rest/x') };
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of req) body += String(part);
  return body;
}

async function systemError(promise: Promise<unknown>): Promise<SystemError> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof SystemError)) throw new Error(`no SystemError: ${String(error)}`);
  return error;
}

const login = (n: number): Reply => ({
  status: 200,
  body: { token: null, ticket: `*OTDSSSO*${n}+/=`, failureReason: null, continuation: false },
});
const expired: Reply = { status: 400, body: { status: 1034, error: 'Expired OTDS SSO ticket', errorDetails: null } };

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('login', () => {
  test('by ticket, once for all who call at the same time', async () => {
    const { get, logins, seen } = await session((s, n) => (s.path === '/rest/x' ? { status: 200 } : login(n)));
    await Promise.all([get(), get(), get()]);
    expect(logins().map((s) => [s.path, JSON.parse(s.body) as unknown])).toEqual([
      ['/rest/authentication/credentials', { userName: 'svc@otds.admin', password: 'pw-s3cret', ...TICKET }],
    ]);
    expect(seen.filter((s) => s.path === '/rest/x').map((s) => s.ticket)).toEqual(Array(3).fill('*OTDSSSO*1+/='));
  });

  test('by OAuth client credentials', async () => {
    const client = { clientId: 'tenure', clientSecret: 'env:CS' };
    const { get, logins, seen } = await session(
      (s) =>
        s.path === '/rest/x'
          ? { status: 200 }
          : { status: 200, body: { access_token: 'jwt', token_type: 'Bearer', expires_in: 900 } },
      client,
    );
    await get();
    expect(logins().map((s) => [s.path, s.body])).toEqual([
      ['/oauth2/token', 'grant_type=client_credentials&client_id=tenure&client_secret=pw-s3cret'],
    ]);
    expect(seen.at(-1)).toMatchObject({ authorization: 'Bearer jwt', ticket: undefined });
  });

  test.each([
    ['400 with 1034', expired],
    ['401', { status: 401 }],
    ['410', { status: 410 }],
  ])('%s: logs in again once for all, and repeats once', async (_name, reply: Reply) => {
    const { get, logins } = await session((s, n) => {
      if (s.path !== '/rest/x') return login(n);
      return s.ticket === '*OTDSSSO*1+/=' ? reply : { status: 200, body: { ok: s.ticket } };
    });
    const replies = await Promise.all([get(), get(), get(), get()]);
    expect(replies.map((r) => r.status)).toEqual([200, 200, 200, 200]);
    expect(logins()).toHaveLength(2);
  });

  test('a credential refused twice is handed back, not tried for ever', async () => {
    const { get, logins, seen } = await session((s, n) => (s.path === '/rest/x' ? { status: 401 } : login(n)));
    expect((await get()).status).toBe(401);
    expect(logins()).toHaveLength(2);
    expect(seen).toHaveLength(4);
  });

  test('another 400 is no expired ticket', async () => {
    const { get, logins } = await session((s, n) =>
      s.path === '/rest/x' ? { status: 400, body: { status: 90400, error: 'bad', errorDetails: null } } : login(n),
    );
    expect((await get()).status).toBe(400);
    expect(logins()).toHaveLength(1);
  });
});

describe('a refused login', () => {
  test('is not repeated with the same secret, so that it locks nobody out; a new secret is tried at once', async () => {
    let secret = 'pw-s3cret';
    const answer = (s: Seen, n: number): Reply =>
      s.path === '/rest/x' ? { status: 200 } : s.body.includes('better') ? login(n) : { status: 401 };
    const { get, logins } = await session(answer, {}, () => secret);
    const error = await systemError(get());
    expect(error).toMatchObject({ code: 'OTDS_LOGIN_REFUSED', status: 401, retryable: true });
    expect(Date.parse(error.retryAt ?? '')).toBeGreaterThan(Date.now() + 200_000);
    expect((await systemError(get())).code).toBe('OTDS_LOGIN_REFUSED');
    expect(logins()).toHaveLength(1);
    secret = 'better';
    expect((await get()).status).toBe(200);
  });

  test.each([
    [
      'a second factor is asked for',
      { status: 200, body: { ticket: '*OTDSSSO*x', continuation: true } },
      'OTDS_LOGIN_REFUSED',
    ],
    [
      'no ticket came',
      { status: 200, body: { ticket: null, failureReason: 'pw-s3cret is wrong' } },
      'OTDS_LOGIN_REFUSED',
    ],
    ['OTDS is starting', { status: 200, body: '<html>pw-s3cret</html>' }, 'OTDS_GARBLED'],
    ['OTDS is down', { status: 503 }, 'OTDS_UNAVAILABLE'],
  ])('%s', async (_name, reply: Reply, code) => {
    const { get } = await session(() => reply);
    const error = await systemError(get());
    expect(error.code).toBe(code);
    expect(error.retryable).toBe(true);
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain('s3cret');
  });

  test('a caller who gives up leaves the login to the others, and has sent nothing', async () => {
    const caller = new AbortController();
    let answerLogin = () => {};
    const { get, open, logins } = await session((s) => {
      if (s.path === '/rest/x') return { status: 200 };
      caller.abort();
      answerLogin();
      return login(1);
    });
    const arrived = new Promise<void>((resolve) => (answerLogin = resolve));
    const mine = open.send({ method: 'PATCH', path: '/rest/x', json: {}, signal: caller.signal });
    const theirs = get();
    await arrived;
    const error = await mine.then(
      () => undefined,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ kind: 'aborted', landed: 'no' });
    expect((await theirs).status).toBe(200);
    expect(logins()).toHaveLength(1);
  });
});
