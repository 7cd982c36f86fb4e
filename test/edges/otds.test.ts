import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as openid from 'openid-client';
import SCIMMY from 'scimmy';
import { attribute, list, part, seg, startRecorder, str } from '../../sandbox/otds/covers/recorder.ts';
import type { Body, Recorder } from '../../sandbox/otds/covers/recorder.ts';
import { USUAL_SECRETS } from '../../sandbox/otds/standIn.ts';

/**
 * npm has no client of OTDS, but its edges are standards. `openid-client` 6.8.9, unmodified, is the party that logs people in;
 * `scimmy` 1.3.5, an implementation of RFC 7643 and 7644, is the system that OTDS pushes to, and judges what our SCIM server says.
 * The stand-in is in strict mode, and every effect is read back from its state.
 */
let t: Recorder;
beforeAll(async () => {
  t = await startRecorder({ strict: true });
});
beforeEach(() => t.reset());
afterAll(() => t.standIn.close());

const PASSWORD = 'Long-enough-1';
const REDIRECT = 'http://127.0.0.1:9/back';

/** OTDS's OIDC metadata address is not known, so the client is told what discovery would tell. */
function party(id: string, secret: string): openid.Configuration {
  const base = `${t.standIn.url}/otdsws`;
  const server = {
    issuer: base,
    token_endpoint: `${base}/oauth2/token`,
    authorization_endpoint: `${base}/oauth2/auth`,
    jwks_uri: `${base}/oauth2/jwks`,
  };
  const config = new openid.Configuration(server, id, secret);
  openid.allowInsecureRequests(config);
  openid.enableNonRepudiationChecks(config);
  return config;
}

describe('openid-client', () => {
  const me = async (access_token: string): Promise<Body> => {
    const headers = { authorization: `Bearer ${access_token}` };
    return part((await t.rest('GET', '/currentuser', { as: null, headers })).body['user']);
  };

  test('client credentials by body and by Basic, and what a token was issued for', async () => {
    const config = party('tenure', USUAL_SECRETS.clientSecret);
    const tokens = await openid.clientCredentialsGrant(config, { scope: 'otds:roles' });
    expect([tokens.token_type, tokens.expires_in]).toEqual(['bearer', 3600]);
    const info = await t.done('POST', '/authentication/oauth/tokeninfo', { token: tokens.access_token });
    expect(info).toMatchObject({ userId: 'tenure@OAuthClients', scope: 'otds:roles' });
    const basic = new openid.Configuration(
      config.serverMetadata(),
      'tenure',
      USUAL_SECRETS.clientSecret,
      openid.ClientSecretBasic(USUAL_SECRETS.clientSecret),
    );
    openid.allowInsecureRequests(basic);
    await openid.clientCredentialsGrant(basic);
    await expect(openid.clientCredentialsGrant(party('tenure', 'wrong'))).rejects.toMatchObject({
      error: 'invalid_client',
    });
  });

  test('a person joins, logs in by code with PKCE, is refreshed, impersonated, and leaves', async () => {
    const { id } = await t.done('POST', '/users', {
      userPartitionID: 'staff',
      name: 'nina.new',
      userPassword: PASSWORD,
      values: [{ name: 'mail', values: ['nina@x.example'] }],
    });
    const client = await t.done('POST', '/oauthclients', { id: 'portal', redirectURLs: [REDIRECT] });
    const config = party('portal', str(client['secret']));
    const verifier = openid.randomPKCECodeVerifier();
    const asked = openid.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT,
      scope: 'openid',
      state: 'some-state',
      nonce: 'some-nonce',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const login = { userName: str(id), password: PASSWORD };
    const { ticket } = await t.done('POST', '/authentication/credentials', login);
    const sent = await fetch(asked, { redirect: 'manual', headers: { cookie: `OTDSTicket=${str(ticket)}` } });
    const checks = { pkceCodeVerifier: verifier, expectedState: 'some-state', expectedNonce: 'some-nonce' };
    const tokens = await openid.authorizationCodeGrant(config, new URL(sent.headers.get('location') ?? ''), checks);
    expect(tokens.claims()).toMatchObject({ sub: id, email: 'nina@x.example' }); // its signature was checked, too
    expect((await me(tokens.access_token))['id']).toBe(id);
    const again = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect((await me(again.access_token))['id']).toBe(id);

    const exchange = await openid.genericGrantRequest(
      party('tenure', USUAL_SECRETS.clientSecret),
      'urn:ietf:params:oauth:grant-type:token-exchange',
      { subject_token: str(id), subject_token_type: 'urn:opentext.com:oauth:string:user_id' },
    );
    expect((await me(exchange.access_token))['id']).toBe(id);

    await t.done('DELETE', `/users/${seg(str(id))}`, undefined, 204);
    await expect(openid.refreshTokenGrant(config, again.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    expect(JSON.stringify(await t.control('GET', '/state/users'))).not.toContain('nina.new');
  });
});

type Kind = 'Users' | 'Groups';
type Row = Record<string, unknown> & { id: string };

/** A system with SCIM 2.0 as scimmy implements it, its data in memory. */
class Receiver {
  readonly rows: Record<Kind, Map<string, Row>> = { Users: new Map(), Groups: new Map() };
  readonly asked: string[] = [];
  server: Server | null = null;
  url = '';
  #last = 0;

  constructor() {
    const wire = (kind: Kind) => {
      const rows = this.rows[kind];
      const find = (id: string): Row => {
        const row = rows.get(id);
        if (!row) throw new SCIMMY.Types.Error(404, '', `Resource ${id} not found`);
        return row;
      };
      return {
        ingress: (resource: { id?: string }, data: object): Row => {
          const id = resource.id === undefined ? String(++this.#last) : find(resource.id).id;
          const row = { ...(JSON.parse(JSON.stringify(data)) as object), id };
          rows.set(id, row);
          return row;
        },
        egress: (resource: { id?: string; filter?: { match(all: Row[]): Row[] } }): Row | Row[] =>
          resource.id === undefined
            ? (resource.filter?.match([...rows.values()]) ?? [...rows.values()])
            : find(resource.id),
        degress: (resource: { id?: string }): void => void rows.delete(find(resource.id ?? '').id),
      };
    };
    const [users, groups] = [wire('Users'), wire('Groups')];
    SCIMMY.Resources.declare(SCIMMY.Resources.User)
      .extend(SCIMMY.Schemas.EnterpriseUser, false)
      .ingress(users.ingress as never)
      .egress(users.egress as never)
      .degress(users.degress as never);
    SCIMMY.Resources.declare(SCIMMY.Resources.Group)
      .ingress(groups.ingress as never)
      .egress(groups.egress as never)
      .degress(groups.degress as never);
  }

  async start(): Promise<void> {
    const server = createServer((req, res) => void this.#answer(req, res));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    this.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    this.server = server;
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', this.url);
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    this.asked.push(`${req.method ?? ''} ${url.pathname.split('/').slice(0, 2).join('/')}`);
    try {
      if (req.headers.authorization !== 'Bearer long-lived') throw new SCIMMY.Types.Error(401, '', 'No such token');
      const done = await this.#do(req.method ?? '', url, body === '' ? {} : (JSON.parse(body) as object));
      res.writeHead(req.method === 'POST' ? 201 : done === undefined ? 204 : 200, {
        'content-type': 'application/scim+json',
      });
      res.end(done === undefined ? undefined : JSON.stringify(done));
    } catch (error) {
      const said = new SCIMMY.Messages.ErrorResponse(error as never);
      res.writeHead(Number(said.status), { 'content-type': 'application/scim+json' });
      res.end(JSON.stringify(said));
    }
  }

  #do(method: string, url: URL, body: object): Promise<unknown> {
    const [, kind, id] = url.pathname.split('/');
    const Resource = kind === 'Users' ? SCIMMY.Resources.User : SCIMMY.Resources.Group;
    const resource = new Resource(id ?? (Object.fromEntries(url.searchParams) as never));
    if (method === 'GET') return resource.read();
    if (method === 'PATCH') return resource.patch(body as never);
    return method === 'DELETE' ? resource.dispose() : resource.write(body);
  }

  one(kind: Kind, name: string): Row | undefined {
    return [...this.rows[kind].values()].find((row) => (row['userName'] ?? row['displayName']) === name);
  }
}

describe('scimmy as the system that is pushed to', () => {
  const receiver = new Receiver();
  const ROLE = '/accessroles/Access%20to%20Portal';
  beforeAll(() => receiver.start());
  afterAll(() => void receiver.server?.close());
  beforeEach(async () => {
    receiver.rows.Users.clear();
    receiver.rows.Groups.clear();
    const connectionParamInfo = [
      { name: 'baseURL', value: receiver.url },
      { name: 'clientSecret', value: 'long-lived' },
    ];
    await t.done('POST', '/resources', { resourceName: 'Portal', connectorid: 'SCIM', connectionParamInfo });
  });

  test.each(['patch', 'put'])('a person joins by a group, moves and leaves, by %s', async (how) => {
    await t.choose('SCIM_PUSH', how);
    const group = { name: 'Legal Review@staff', location: '' };
    await t.done('POST', `${ROLE}/members`, { groups: [group] }, 204);
    const values = [
      { name: 'mail', values: ['nina@x.example'] },
      { name: 'oTDepartment', values: ['Legal'] },
    ];
    await t.done('POST', '/users', { userPartitionID: 'staff', name: 'nina.new', values });
    await t.done('POST', '/users/nina.new@staff/memberof', { stringList: ['Legal Review@staff'] }, 204);
    await t.settled();
    const nina = () => receiver.one('Users', 'nina.new');
    expect(nina()).toMatchObject({ active: true, emails: [{ value: 'nina@x.example', type: 'work' }] });
    expect(JSON.stringify(nina())).toContain('"department":"Legal"');
    const inside = () => JSON.stringify(receiver.one('Groups', 'Legal Review')?.['members']);
    expect(inside()).toContain(`"value":"${nina()?.id ?? ''}"`);

    await t.done('PATCH', '/users/nina.new@staff', { values: [{ name: 'title', values: ['Counsel'] }] });
    await t.settled();
    expect(nina()).toMatchObject({ title: 'Counsel', active: true });
    const kept = await t.get('/users/nina.new@staff');
    expect(JSON.stringify(attribute(kept, 'oTObjectIDInResource'))).toContain(`:${nina()?.id ?? ''}`);

    await t.done('POST', '/users/nina.new@staff/memberof/deletionset', { stringList: ['Legal Review@staff'] }, 204);
    await t.settled();
    expect(nina()).toMatchObject({ active: false, title: 'Counsel' });
    expect(inside()).not.toContain(`"value":"${nina()?.id ?? ''}"`);
    const pushed = Object.values(part(Object.values(await t.control('GET', '/state/pushed'))[0])) as Body[];
    expect(pushed.find((one) => one['name'] === 'nina.new')).toMatchObject({ active: false, remoteId: nina()?.id });
  });

  test('where deletes are allowed a leaver is gone there, and nobody else', async () => {
    const made = await t.get('/resources/Portal');
    await t.done('PUT', '/resources/Portal', { ...made, pcDeletePermissionAllowed: 'true' });
    await t.done(
      'POST',
      `${ROLE}/members`,
      {
        users: [
          { name: 'ada.byrne@staff', location: '' },
          { name: 'ben.otto@staff', location: '' },
        ],
      },
      204,
    );
    await t.settled();
    await t.done('DELETE', '/users/ada.byrne@staff', undefined, 204);
    await t.settled();
    expect([...receiver.rows.Users.values()].map((row) => row['userName'])).toEqual(['ben.otto']);
  });
});

describe('scimmy reads what our SCIM server says', () => {
  const call = async (method: string, path: string, body?: object): Promise<Body> =>
    (await t.send(method, `/otdsws/scim/staff${path}`, body === undefined ? {} : { body })).body;

  test('a person joins, moves into a group and leaves; every reply fits the schemas', async () => {
    const user = {
      userName: 'nina.new',
      externalId: 'hr-1',
      name: { givenName: 'Nina', familyName: 'New' },
      emails: [{ type: 'work', value: 'nina@x.example' }],
    };
    const fits = (one: Body) => new SCIMMY.Schemas.User(one, 'out');
    const made = fits(await call('POST', '/Users', user));
    expect(made).toMatchObject({ userName: 'nina.new', externalId: 'hr-1', active: true });
    const group = await call('POST', '/Groups', { displayName: 'New Crew', members: [{ value: made.id }] });
    expect(new SCIMMY.Schemas.Group(group as never, 'out')).toMatchObject({ displayName: 'New Crew' });
    const patch = new SCIMMY.Messages.PatchOp({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value: false }],
    });
    expect(fits(await call('PATCH', `/Users/${made.id}`, patch))).toMatchObject({ active: false });
    const stored = await t.get('/users/nina.new@staff');
    expect([stored['originUUID'], attribute(stored, 'accountDisabled')]).toEqual(['hr-1', ['true']]);
    const found = await call('GET', `/Users?filter=${seg('externalId eq "hr-1"')}`);
    const listed = new SCIMMY.Messages.ListResponse(list(found['Resources']) as never);
    expect(listed.totalResults).toBe(found['totalResults']);
    await call('DELETE', `/Users/${made.id}`);
    await t.refused(404, 'GET', '/users/nina.new@staff');
    expect((await t.get('/groups/New%20Crew@staff'))['numMembers']).toBe(0);
  });
});
