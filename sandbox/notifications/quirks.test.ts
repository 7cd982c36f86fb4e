import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../push/trial.ts';
import { toBase64 } from '../push/values.ts';
import { GONE_TOKEN } from './state.ts';
import type { MraTrial } from './trial.ts';
import { inner, startMra, TOKEN } from './trial.ts';

let mra: MraTrial;
beforeAll(async () => {
  mra = await startMra();
});
beforeEach(async () => {
  await mra.control('POST', '/reset');
  await mra.choose('STEP_MS', 0);
});
afterAll(() => mra.close());

describe('jobs', () => {
  test('the prefix is once in the path; twice, as in the collection, is taken by choice', async () => {
    const sent = await mra.mra('GET', '/mra/v1/inbound/whatsapp/messages/webhook');
    expect([sent.status, sent.headers.get('x-standin-chosen')]).toEqual([404, expect.stringContaining('MRA_PREFIX')]);
    expect(sent.body.error_message).toBe('No webhook is set.');
    await mra.choose('MRA_PREFIX', 'once');
    const refused = await mra.mra('GET', '/mra/v1/inbound/whatsapp/messages/webhook');
    expect(refused.body.error_message).toContain('There is no GET');
  });

  test('the job state is an array, and not the state of delivery', async () => {
    await mra.special('oneFails');
    const { job_id } = (await mra.sms({ destinations: [{ sms: '1' }, { sms: '2' }] })).body;
    const { body } = await mra.ended('sms', job_id);
    expect(body.job_state).toEqual(['Complete', 'Posted']);
    expect(body.deliveries.map((d) => d.delivery_attempts[0]?.state)).toEqual(['Error', 'Sent']);
    expect([await mra.letters('sms', '1'), (await mra.letters('sms', '2')).length]).toEqual([[], 1]);
  });

  test('steps follow the clock: Pending, InProcess, Sent, then the event Confirmed', async () => {
    await mra.choose('STEP_MS', 60_000);
    const { job_id } = (await mra.sms()).body;
    const seen = [];
    for (let i = 0; i < 4; i++) {
      const { body } = await mra.status('sms', job_id);
      const delivery = body.deliveries[0];
      seen.push([
        ...body.job_state,
        delivery?.delivery_attempts[0]?.state,
        delivery?.events?.sms_delivery_events[0]?.status,
      ]);
      await mra.advance(61);
    }
    expect(seen).toEqual([
      ['Pending', 'Pending', undefined],
      ['InProcess', 'InProcess', undefined],
      ['Complete', 'Posted', 'Sent', undefined],
      ['Complete', 'Posted', 'Sent', 'Confirmed'],
    ]);
  });

  test('ref, billing code and customer reference come back in base64, and only where they were given', async () => {
    const options = { billing_code: 'Kostenstelle 7', customer_reference: 'søren' };
    const { job_id } = (await mra.sms({ options })).body;
    const { body, text } = await mra.status('sms', job_id);
    expect(body.billing_code_base64).toBe(toBase64('Kostenstelle 7'));
    expect(body.customer_reference_base64).toBe(toBase64('søren'));
    expect(body.deliveries[0]?.ref_base64).toBe(toBase64('r1'));
    expect(text).not.toContain('gamma_code');
    const bare = (await mra.sms({ destinations: [{ sms: '1' }] })).body.job_id;
    expect((await mra.status('sms', bare)).text).not.toContain('base64');
  });

  test('X-MRA-SubmitId is echoed and is no idempotency key', async () => {
    const headers = { 'X-MRA-SubmitId': 'ours-1' };
    const [first, second] = [await mra.sms({}, { headers }), await mra.sms({}, { headers })];
    expect(first.headers.get('x-mra-submitid')).toBe('ours-1');
    expect(second.body.job_id).not.toBe(first.body.job_id);
  });

  test('a repeated message_id answers the first job and does nothing; or by choice it is a new job', async () => {
    const options = { message_id: 'notice-1/ada/sms' };
    const first = (await mra.sms({ options })).body.job_id;
    const again = await mra.sms({ options });
    expect([again.body.job_id, again.headers.get('x-standin-chosen')]).toEqual([first, 'MESSAGE_ID']);
    const asked = (await mra.ledger()).findLast(({ method }) => method !== 'EFFECT');
    expect(asked?.writes).toEqual([{ object: 'job', id: first, before: {}, after: {} }]);
    await mra.ended('sms', first);
    expect(await mra.texts()).toHaveLength(1);
    await mra.choose('MESSAGE_ID', 'new');
    const third = (await mra.sms({ options })).body.job_id;
    expect(third).not.toBe(first);
    await mra.ended('sms', third);
    expect(await mra.state('effects')).toMatchObject({ 'notice-1/ada/sms': { numbers: expect.any(Object) } });
    const requests = Object.values(await mra.state<Record<string, { outcome: string }>>('requests'));
    expect(requests.map((one) => one.outcome)).toEqual(['accepted', 'repeated', 'accepted']);
  });

  test('more than DESTINATIONS_MAX is 400', async () => {
    const many = (n: number) => mra.sms({ destinations: Array.from({ length: n }, (_, i) => ({ sms: `${i}` })) });
    expect([(await many(1000)).status, (await many(1001)).status]).toEqual([200, 400]);
  });

  test('a finished job is purged after three days, or early', async () => {
    const { job_id } = (await mra.sms()).body;
    await mra.ended('sms', job_id);
    await mra.special('earlyPurge');
    expect((await mra.status('sms', job_id)).status).toBe(404);
    expect((await mra.status('sms', job_id)).status).toBe(200);
    await mra.advance(259_201);
    expect((await mra.status('sms', job_id)).status).toBe(404);
  });

  test('entry_time and attempts may be an hour apart; gamma_code may be there', async () => {
    const { job_id } = (await mra.sms()).body;
    await mra.special('timeSkew');
    const skewed = (await mra.status('sms', job_id)).body;
    const apartMs =
      Date.parse(skewed.entry_time) - Date.parse(skewed.deliveries[0]?.delivery_attempts[0]?.first_attempt ?? '');
    expect(apartMs).toBe(3_600_000);
    await mra.choose('GAMMA', 5000);
    expect((await mra.status('sms', job_id)).body.deliveries[0]?.delivery_attempts[0]?.gamma_code).toBe(5000);
  });

  test('a missing ref_base64 and an unknown job_state word', async () => {
    const { job_id } = (await mra.sms()).body;
    await mra.special('missingRef');
    expect((await mra.status('sms', job_id)).text).not.toContain('ref_base64');
    await mra.special('unknownJobState');
    expect((await mra.status('sms', job_id)).body.job_state).toEqual(['Marinating']);
  });

  test.each([
    ['jobError', 'Error', 'Error'],
    ['jobCancelled', 'Cancelled', 'Cancelled'],
    ['jobExpired', 'Expired', 'Error'],
  ])('%s ends in ["%s"] without effect', async (name, state, attempt) => {
    await mra.special(name);
    const { job_id } = (await mra.sms()).body;
    const { body } = await mra.ended('sms', job_id, state);
    expect([body.job_state, body.deliveries[0]?.delivery_attempts[0]?.state]).toEqual([[state], attempt]);
    expect(await mra.texts()).toEqual([]);
  });

  test('stuck in process; accepted and never delivered; delivered twice; delivered late', async () => {
    await mra.special('stuckJob');
    const stuck = (await mra.sms()).body.job_id;
    await mra.ended('sms', stuck, 'InProcess');
    await mra.advance(86_400);
    expect((await mra.status('sms', stuck)).body.job_state).toEqual(['InProcess']);
    await mra.special('neverDelivered');
    const { body } = await mra.ended('sms', (await mra.sms()).body.job_id);
    expect([body.deliveries[0]?.delivery_attempts[0]?.state, body.deliveries[0]?.events]).toEqual(['Sent', undefined]);
    expect(await mra.texts()).toEqual([]);
    await mra.special('deliveredTwice');
    await mra.ended('sms', (await mra.sms()).body.job_id);
    expect(await mra.texts()).toHaveLength(2);
    await mra.special('deliveredLate');
    await mra.ended('sms', (await mra.sms()).body.job_id);
    expect(await mra.texts()).toHaveLength(2);
    await mra.advance(259_202);
    expect(await mra.texts()).toHaveLength(3);
  });

  test('e-mail without options or subject is taken', async () => {
    const { job_id } = (await mra.mail({ options: undefined })).body;
    await mra.ended('emails', job_id);
    expect(await mra.letters('emails', 'ada.byrne@northwind.example')).toMatchObject([
      { subject: null, text: 'Søren, your access changed' },
    ]);
    expect((await mra.status('emails', job_id)).text).not.toContain('html_open_tracking');
  });
});

describe('the parser call', () => {
  const shown = () =>
    until(
      () => mra.phone(),
      ({ inbox }) => inbox.length > 0,
    );

  test('a file of the fake schema reaches the phone, with the text of its data', async () => {
    const sent = await mra.push();
    expect(sent.headers.get('x-standin-chosen')).toContain('FAKE_INNER');
    expect((await shown()).inbox).toMatchObject([
      { nid: 'n1', title: 'Access', priority: 'high', data: { nid: 'n1' } },
    ]);
    expect(await mra.outbox('ada.byrne@staff')).toMatchObject([{ kind: 'push', nid: 'n1' }]);
  });

  test.each([
    ['without its mark, so that nobody takes it for the vendor’s', { standin_fake_schema: undefined }],
    ['of an unknown field', { sound: 'ping' }],
    ['with data that are no texts', { data: { n: 1 } }],
    ['without tokens and topic', { tokens: [] }],
    ['of an unknown priority', { priority: 'urgent' }],
  ])('a file %s is 400', async (_name, wrong) => {
    expect((await mra.push(inner(wrong))).status).toBe(400);
  });

  test.each([
    ['another domain', { domain: 'XX' }],
    ['no filename', { filename: null }],
    ['an empty filename', { filename: '' }],
    ['bad base64', { data: '***' }],
    ['an inner file that is not JSON', { data: toBase64('hello') }],
  ])('%s is 400', async (_name, wrong) => {
    const { status, body } = await mra.push(inner(), wrong);
    expect([status, body.error_code]).toEqual([400, 9400]);
  });

  test('the reply may be 202, or 200 without a body', async () => {
    await mra.choose('PARSER_REPLY', 'accepted');
    expect(await mra.push()).toMatchObject({ status: 202, body: { job_id: expect.any(String) } });
    await mra.choose('PARSER_REPLY', 'empty');
    expect(await mra.push()).toMatchObject({ status: 200, text: '' });
    expect(
      (
        await until(
          () => mra.phone(),
          ({ inbox }) => inbox.length === 2,
        )
      ).inbox,
    ).toHaveLength(2);
  });

  test('there is no status of pushes, unless it is chosen; then the token is the address', async () => {
    const job = (await mra.push(inner({ tokens: [TOKEN, GONE_TOKEN, 'unknown'] }))).body.job_id;
    expect((await mra.status('push', job)).status).toBe(404);
    await mra.choose('PUSH_STATUS', '/outbound/push/status');
    const { body } = await mra.ended('push', job);
    expect(body.deliveries.map((d) => d.delivery_attempts[0]?.state)).toEqual(['Sent', 'Error', 'Error']);
    expect(body.deliveries[0]).toMatchObject({ token: TOKEN });
  });

  test('a topic reaches its subscribers; the same collapse replaces what is shown', async () => {
    await mra.act('subscribe', { phone: TOKEN, topic: 'drill' });
    for (const title of ['1', '2']) await mra.push(inner({ tokens: undefined, topic: 'drill', title, collapse: 'c' }));
    const { inbox } = await until(
      () => mra.phone(),
      (phone) => phone.inbox.length === 2,
    );
    expect(inbox.map((m) => [m.title, m.shown])).toEqual([
      ['1', false],
      ['2', true],
    ]);
  });

  test('an offline phone shows nothing that has outlived ttl_s; late delivery comes after it', async () => {
    await mra.act('online', { phone: TOKEN, online: false });
    const first = (await mra.push()).body.job_id;
    await until(
      () => mra.state<{ step: number }>(`jobs/${first}`),
      ({ step }) => step === 2,
    );
    await mra.advance(3601);
    await mra.act('online', { phone: TOKEN, online: true });
    expect((await mra.phone()).inbox).toEqual([]);
    await mra.special('deliveredLate');
    const second = (await mra.push()).body.job_id;
    await until(
      () => mra.state<{ step: number }>(`jobs/${second}`),
      ({ step }) => step === 2,
    );
    await mra.advance(3602);
    expect((await mra.phone()).inbox).toHaveLength(1);
  });
});
