import { expect } from '@jest/globals';
import type { Body } from '../trial.ts';
import type { Checks, Recorder } from './recorder.ts';
import { NOBODY, fresh, ids, under } from './recorder.ts';

/** What surrounds access: statistics, history, log recipients, identity providers, webhooks. */

type Usage = { user_id: string; count: number; date: string; type: string; user_email: string };
const usages = (body: Body): Usage[] => body.objects as unknown as Usage[];

export const STATISTICS_CHECKS: Checks = under('/API/stats/v1', {
  'GET /user/audit/by/{period}/': async (t) => {
    const tom = await t.user('tom.weber@northwind.example');
    const asked = 'from_date=2026-06-01&to_date=2026-06-30&page=1&per_page=100';
    const rows: [string, string][] = [
      ['month', '2026-06-01'],
      ['day', '2026-06-29'],
    ];
    for (const [period, date] of rows) {
      const told = usages(await t.get(`stats/v1/user/audit/by/${period}/?${asked}`));
      expect(told).toMatchObject([{ date, count: 1, type: tom.type, user_id: tom.id, user_email: tom.email }]);
    }
    const detailed = usages(await t.get(`stats/v1/user/audit/by/day_detailed/?${asked}`));
    expect(detailed.map((usage) => Object.keys(usage).sort())).toEqual([
      ['date', 'system_domain_id', 'type', 'user_id'],
    ]);
    const me = await t.get('users/v1/users/current/');
    const today = usages(await t.get('stats/v1/user/audit/by/day/?from_date=2026-07-01'));
    expect(today.find((usage) => usage.user_id === me.id)?.count).toBeGreaterThan(3);
    await t.send(404, 'GET', 'stats/v1/user/audit/by/year/');
    await t.send(400, 'GET', 'stats/v1/user/audit/by/day/?from_date=yesterday');
  },
  'GET /user/licensed/by/': async (t) => {
    const licensed = async (): Promise<string[]> =>
      usages(await t.get('stats/v1/user/licensed/by/?from_date=2026-01-01&to_date=&page=1&per_page=500')).map(
        (usage) => usage.user_email,
      );
    const fatima = 'fatima.zahra@northwind.example';
    expect(await licensed()).not.toContain(fatima);
    await t.act('edit', { user: fatima, set: { status: 'ACTIVE' } });
    expect(await licensed()).toContain(fatima);
    await t.send(400, 'GET', 'stats/v1/user/licensed/by/?to_date=soon');
  },
});

export const HISTORY_CHECKS: Checks = under('/API/assets/v1', {
  'GET /assets/{id}/history/': async (t) => {
    const ben = await t.user('ben.otto@northwind.example');
    const { id } = await t.act('upload', { as: ben.email, collection: 'Post Production', title: 'Cut 3' });
    await t.act('asset', { as: ben.email, asset: 'Cut 3', operation: 'DOWNLOAD', description: 'Original' });
    const path = `assets/v1/assets/${id}/history/`;
    const all = await t.get(`${path}?page=1&per_page=5&sort=date_created,asc`);
    expect(all.objects).toMatchObject([
      { operation_type: 'VERSION_CREATE', user_id: ben.id },
      { operation_type: 'DOWNLOAD', operation_description: 'Original', share_id: null },
    ]);
    expect((await t.get(`${path}?filter=download`)).objects).toHaveLength(1);
    await t.asService(403, 'GET', path);
    await t.send(404, 'GET', `assets/v1/assets/${NOBODY}/history/`);
  },
});

const L = 'stats/v1/system/logs/recipients/';
const recipient = (): { name: string; method: string; settings: object } => ({
  name: fresh('Logs'),
  method: 'AMAZON',
  settings: { queue: 'audit' },
});

const editRecipient =
  (method: string) =>
  async (t: Recorder): Promise<void> => {
    const { id } = await t.send(201, 'POST', L, recipient());
    const sent = { ...recipient(), method: 'GOOGLE' };
    await t.send(200, method, `${L}${id}/`, sent);
    expect(await t.get(`${L}${id}/`)).toMatchObject(sent);
    await t.send(400, method, `${L}${id}/`, { ...sent, method: 'MAIL' });
    await t.send(404, method, `${L}${NOBODY}/`, sent);
  };

export const LOG_CHECKS: Checks = under('/API/stats/v1/system/logs', {
  'GET /recipients/': async (t) => {
    const made = [await t.send(201, 'POST', L, recipient()), await t.send(201, 'POST', L, recipient())];
    const [first, second] = made.map(({ id }) => id).sort();
    expect(ids(await t.get(L))).toEqual([first, second]);
    expect(ids(await t.get(`${L}?per_page=1&last_id=${first}`))).toEqual([second]);
  },
  'POST /recipients/': async (t) => {
    const sent = recipient();
    const { id } = await t.send(201, 'POST', L, sent);
    expect(await t.get(`${L}${id}/`)).toMatchObject(sent);
    const { messages } = await t.control<{ messages: { record: object }[] }>('GET', `/outbox?to=${sent.name}`);
    expect(messages.at(-1)?.record).toMatchObject({ operation_type: 'GET', operation_result: 200 });
    await t.send(400, 'POST', L, { name: 'x', method: 'AMAZON' });
  },
  'GET /recipients/{id}/': async (t) => {
    const made = await t.send(201, 'POST', L, recipient());
    expect(await t.get(`${L}${made.id}/`)).toEqual(made);
    await t.send(404, 'GET', `${L}${NOBODY}/`);
  },
  'PUT /recipients/{id}/': editRecipient('PUT'),
  'PATCH /recipients/{id}/': editRecipient('PATCH'),
  'DELETE /recipients/{id}/': async (t) => {
    const { id } = await t.send(201, 'POST', L, recipient());
    await t.send(204, 'DELETE', `${L}${id}/`);
    await t.send(404, 'DELETE', `${L}${id}/`);
    expect(ids(await t.get(L))).toEqual([]);
  },
  'POST /recipients/{id}/': async (t) => {
    const { id, name } = await t.send(201, 'POST', L, recipient());
    await t.send(200, 'POST', `${L}${id}/`);
    const { messages } = await t.control<{ messages: { kind: string }[] }>('GET', `/outbox?to=${name}`);
    expect(messages.map((one) => one.kind)).toContain('logTest');
    await t.send(404, 'POST', `${L}${NOBODY}/`);
  },
});

const I = 'auth/v1/auth/saml/idp/';
const provider = (): object => ({ type: 'okta.com', settings: { name: fresh('Okta'), idp_entity_id: 'x' } });

const editProvider =
  (method: string) =>
  async (t: Recorder): Promise<void> => {
    const { id } = await t.send(201, 'POST', I, provider());
    const sent = { ...provider(), type: 'GENERIC' };
    await t.send(200, method, `${I}${id}/`, sent);
    expect(await t.get(`${I}${id}/`)).toMatchObject(sent);
    await t.send(400, method, `${I}${id}/`, { ...sent, type: 'other.com' });
    await t.send(404, method, `${I}${NOBODY}/`, sent);
  };

async function mapDomain(t: Recorder): Promise<{ domain: string; identity_provider_id: string }> {
  const { id } = await t.send(201, 'POST', I, provider());
  const { system_domain_id } = (await t.get('users/v1/users/current/')) as Body & { system_domain_id: string };
  const body = { domain: `${fresh('guests')}.example`, identity_provider_id: id, system_domain_id };
  await t.send(201, 'POST', 'auth/v1/auth/saml/domains/', body);
  return body;
}

const provides = async (t: Recorder, domain: string): Promise<string | undefined> => {
  const email = `${fresh('first')}@${domain}`;
  await t.act('samlLogin', { email });
  const user = (await t.user(email)) as { identity_provider_id?: string };
  return user.identity_provider_id;
};

export const IDP_CHECKS: Checks = under('/API/auth/v1/auth/saml', {
  'GET /idp/': async (t) => {
    const { id } = await t.send(201, 'POST', I, provider());
    const all = ids(await t.get(I));
    expect(all).toContain(id);
    expect(ids(await t.get(`${I}?per_page=1&last_id=${all[0]}`))).toEqual([all[1]]);
  },
  'POST /idp/': async (t) => {
    const made = await t.send(201, 'POST', I, provider());
    expect(await t.get(`${I}${made.id}/`)).toEqual(made);
    await t.send(400, 'POST', I, { type: 'okta.com' });
  },
  'GET /idp/{id}/': async (t) => {
    const made = await t.send(201, 'POST', I, provider());
    expect(await t.get(`${I}${made.id}/`)).toEqual(made);
    await t.send(404, 'GET', `${I}${NOBODY}/`);
  },
  'PUT /idp/{id}/': editProvider('PUT'),
  'PATCH /idp/{id}/': editProvider('PATCH'),
  'DELETE /idp/{id}/': async (t) => {
    const { id } = await t.send(201, 'POST', I, provider());
    await t.send(204, 'DELETE', `${I}${id}/`);
    await t.send(404, 'DELETE', `${I}${id}/`);
    expect(ids(await t.get(I))).not.toContain(id);
  },
  'POST /domains/': async (t) => {
    const body = await mapDomain(t);
    expect(await provides(t, body.domain)).toBe(body.identity_provider_id);
    await t.send(400, 'POST', 'auth/v1/auth/saml/domains/', { ...body, identity_provider_id: NOBODY });
  },
  'DELETE /domains/{domain}/': async (t) => {
    const { domain } = await mapDomain(t);
    await t.send(204, 'DELETE', `auth/v1/auth/saml/domains/${domain}/`);
    await t.send(404, 'DELETE', `auth/v1/auth/saml/domains/${domain}/`);
    await expect(provides(t, domain)).rejects.toThrow('No identity provider');
  },
});

const W = 'notifications/v1/webhooks/';
const webhook = (): object => ({
  event_type: 'collections',
  status: 'ENABLED',
  url: `https://hooks.example/${fresh('a')}`,
  realm: 'acls',
  operation: 'create',
  object_id: NOBODY,
  query: 'operation="create" AND data.size>0 (data.status="CLOSED" OR data.external_id!=null)',
  headers: { 'X-Secret': 'shared' },
  name: 'Trial',
  description: 'Trial',
});

export const WEBHOOK_CHECKS: Checks = under('/API/notifications/v1', {
  'GET /webhooks/': async (t) => {
    const { id } = await t.send(201, 'POST', W, webhook());
    const body = await t.get(W);
    expect([Object.keys(body), ids(body)]).toEqual([['objects'], [id]]);
  },
  'POST /webhooks/': async (t) => {
    const sent = webhook();
    const made = await t.send(201, 'POST', W, sent);
    expect(await t.get(`${W}${made.id}/`)).toMatchObject({ ...sent, first_failed_at: null, deleted_at: null });
    await t.send(400, 'POST', W, { ...sent, url: 'nowhere' });
    await t.send(400, 'POST', W, { ...sent, query: 'operation=' });
  },
  'GET /webhooks/{id}/': async (t) => {
    const made = await t.send(201, 'POST', W, webhook());
    expect(await t.get(`${W}${made.id}/`)).toEqual(made);
    await t.send(404, 'GET', `${W}${NOBODY}/`);
  },
  'PUT /webhooks/{id}/': async (t) => {
    const { id } = await t.send(201, 'POST', W, webhook());
    const sent = { ...webhook(), status: 'DISABLED' };
    await t.send(200, 'PUT', `${W}${id}/`, sent);
    expect(await t.get(`${W}${id}/`)).toMatchObject(sent);
    await t.send(400, 'PUT', `${W}${id}/`, { ...sent, status: 'ASLEEP' });
    await t.send(404, 'PUT', `${W}${NOBODY}/`, sent);
  },
  'DELETE /webhooks/{id}/': async (t) => {
    const { id } = await t.send(201, 'POST', W, webhook());
    await t.send(204, 'DELETE', `${W}${id}/`);
    await t.send(404, 'DELETE', `${W}${id}/`);
    expect(ids(await t.get(W))).toEqual([]);
  },
});
