import { expect, test } from '@jest/globals';
import { coverageOf, proveCoverage } from '../push/proofs.ts';
import type { Answer } from '../push/trial.ts';
import { until } from '../push/trial.ts';
import { toBase64 } from '../push/values.ts';
import { ROUTES } from './standIn.ts';
import { TEXTS_ONLY, USUAL_SECRETS } from './state.ts';
import type { Body } from './trial.ts';
import { basic, inner, startMra } from './trial.ts';

const NOBODY = { headers: { authorization: '' } };
const TEXTS = { headers: basic(TEXTS_ONLY.user, TEXTS_ONLY.password) };

test('every [C] route answers and takes effect, and there is no other route', async () => {
  const mra = await startMra({ strict: true });
  let count = 0;
  /** A submit is good when its job ends and the message is where it belongs. */
  const brought = async (channel: string, address: string, sent: Promise<Answer<Body>>): Promise<number> => {
    const { status, body } = await sent;
    expect(body).toEqual({ job_id: expect.stringMatching(/^xsi-\d{10}$/) });
    const { body: told } = await mra.ended(channel, body.job_id);
    expect(told).toMatchObject({ job_id: body.job_id, job_state: ['Complete', 'Posted'] });
    expect(Date.parse(told.entry_time)).not.toBeNaN();
    expect(told.deliveries[0]?.delivery_attempts[0]).toMatchObject({ state: 'Sent' });
    expect((await mra.letters(channel, address)).at(-1)?.job).toBe(body.job_id);
    return status;
  };
  const refused = async (sent: Promise<Answer<Body>>): Promise<number> => {
    const { status, body } = await sent;
    expect(body).toEqual({ error_code: 9000 + status, error_message: expect.any(String) });
    return status;
  };
  const token = async () => ({ authorization: `Bearer ${(await mra.token()).body.access_token}` });
  const pushed = async (headers: Record<string, string>): Promise<number> => {
    const nid = `n${++count}`;
    const { status, body } = await mra.push(inner({ nid, data: { nid } }), {}, { headers });
    expect(body.job_id).toMatch(/^xsi-/);
    await until(
      () => mra.phone(),
      ({ inbox }) => inbox.at(-1)?.nid === nid,
    );
    return status;
  };
  const whatsapp = (whatsapp_message: object) =>
    mra.mra('POST', '/outbound/whatsapp', { body: { destinations: [{ whatsapp: '447700900321' }], whatsapp_message } });
  const tapped = (text: string) => ({ text_message: { text }, postback_data: text });
  const viaWhatsapp = (message: object) => brought('whatsapp', '447700900321', whatsapp(message));
  const templated = (channel_template: object) =>
    mra.mra('POST', '/outbound/whatsapp/template_message', {
      body: {
        destinations: [{ whatsapp: '447700900321' }],
        whatsapp_template_message: { template_message: { channel_template } },
      },
    });
  const hook = '/inbound/whatsapp/messages/webhook';
  const number = '00447700900123';
  const mailbox = 'ada.byrne@northwind.example';
  const fax = {
    destinations: [{ fax: '9999999999' }],
    documents: [{ name: 'a.txt', type: 'text', data: toBase64('Hi') }],
  };
  const statusOf = async (channel: string, sent: Promise<Answer<Body>>, kind: string): Promise<number> => {
    const { status, body } = await mra.ended(channel, (await sent).body.job_id);
    expect(body.deliveries[0]).toHaveProperty(kind);
    return status;
  };
  const unknown = (channel: string) => refused(mra.status(channel, 'xsi-1'));

  await proveCoverage('notifications', await coverageOf(new URL('coverage.json', import.meta.url)), ROUTES, {
    'POST /tenants/{tenant}/oauth2/token': {
      form: async () => {
        const { status, body } = await mra.token();
        expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 1800 });
        return status;
      },
      'form labelled JSON': async () => {
        const headers = {
          ...basic(USUAL_SECRETS.clientId, USUAL_SECRETS.clientSecret),
          'content-type': 'application/json',
        };
        const path = '/tenants/northwind-tenant/oauth2/token';
        return (await mra.send('POST', path, { body: 'grant_type=client_credentials', headers })).status;
      },
      'wrong secret': async () => {
        const headers = basic(USUAL_SECRETS.clientId, 'wrong');
        const sent = await mra.send('POST', '/tenants/northwind-tenant/oauth2/token', { form: {}, headers });
        expect(sent.body.error).toBe('invalid_client');
        return sent.status;
      },
      'other grant': async () => (await mra.token({ grant_type: 'password' })).status,
    },
    'POST /mra/v1/utils/parser': {
      Basic: () => pushed({}),
      Bearer: async () => pushed(await token()),
      'inner file without its mark': () => refused(mra.push({ token: 'x', notification: {} })),
      'no credential': () => refused(mra.push(inner(), {}, NOBODY)),
      'account without push': () => refused(mra.push(inner(), {}, TEXTS)),
    },
    'POST /mra/v1/outbound/sms': {
      sample: () => brought('sms', number, mra.sms()),
      'options and reports': () =>
        brought(
          'sms',
          number,
          mra.sms({
            destinations: [{ sms: number, ref: 'r', inserts: [{ id: 1, value: 'x' }] }],
            options: { message_id: 'm1', billing_code: 'b', customer_reference: 'c' },
            reports: { final_report: { type: 'summary', report_destinations: [{ email: mailbox }] } },
          }),
        ),
      Bearer: async () => brought('sms', number, mra.sms({}, { headers: await token() })),
      'no text': () => refused(mra.sms({ sms_text: null })),
      'no credential': () => refused(mra.sms({}, NOBODY)),
    },
    'GET /mra/v1/outbound/sms/status': {
      'status?job_id=': () => statusOf('sms', mra.sms(), 'sms'),
      'status/?job_id=': async () => {
        const { job_id } = (await mra.sms()).body;
        return (await mra.mra('GET', `/outbound/sms/status/?job_id=${job_id}`)).status;
      },
      'no job_id': () => refused(mra.mra('GET', '/outbound/sms/status')),
      'unknown job': () => unknown('sms'),
      'no credential': () => refused(mra.mra('GET', '/outbound/sms/status?job_id=xsi-1', NOBODY)),
    },
    'POST /mra/v1/outbound/emails': {
      sample: () => brought('emails', mailbox, mra.mail()),
      'without options': () => brought('emails', mailbox, mra.mail({ options: null })),
      'all options': () => {
        const addresses = { display_to: 'all', display_cc: 'none' };
        const email_options = {
          subject: 'S',
          from_display_name: 'N',
          forward_reply: mailbox,
          charset: 'UTF-8',
          ...addresses,
        };
        const more = { html_open_tracking: 'top', expiration_days: 14, pull_password: 'p' };
        const options = { message_id: 'mail1', billing_code: 'b', customer_reference: 'c' };
        return brought(
          'emails',
          mailbox,
          mra.mail({ options: { ...options, email_options: { ...email_options, ...more } } }),
        );
      },
      'account without e-mail': () => refused(mra.mra('POST', '/outbound/emails', { body: {}, ...TEXTS })),
      'body not base64': () => refused(mra.mail({ body: [{ name: 'a', type: 'text', data: 'not base64!' }] })),
    },
    'GET /mra/v1/outbound/emails/status': {
      'after an open': async () => {
        const { job_id } = (await mra.mail()).body;
        await mra.ended('emails', job_id);
        await mra.act('openMail', { mailbox });
        const { status, body } = await mra.status('emails', job_id);
        expect(body.html_open_tracking).toEqual({ total_open_count: 1, distinct_open_count: 1 });
        expect(body.deliveries[0]?.events.email_delivery_events.html_open).toHaveLength(1);
        return status;
      },
      'unknown job': () => unknown('emails'),
    },
    'POST /mra/v1/outbound/faxes': {
      sample: () => brought('faxes', '9999999999', mra.mra('POST', '/outbound/faxes', { body: fax })),
      'no document': () => refused(mra.mra('POST', '/outbound/faxes', { body: { ...fax, documents: [] } })),
    },
    'GET /mra/v1/outbound/faxes/status': {
      sent: () => statusOf('faxes', mra.mra('POST', '/outbound/faxes', { body: fax }), 'fax'),
      'unknown job': () => unknown('faxes'),
    },
    'POST /mra/v1/outbound/whatsapp': {
      text_message: () => viaWhatsapp({ text_message: { text: 'Hi' } }),
      media_message: () => viaWhatsapp({ media_message: { url: 'https://files.northwind.example/a.jpg' } }),
      location_message: () =>
        viaWhatsapp({ location_message: { title: 'T', label: 'L', coordinates: { latitude: 40.2, longitude: -74 } } }),
      card_message: () =>
        viaWhatsapp({ card_message: { title: 'T', description: 'D', height: 'SHORT', choices: [tapped('yes')] } }),
      choice_message: () =>
        viaWhatsapp({ choice_message: { text_message: { text: 'Ok?' }, choices: [tapped('yes')] } }),
      list_message: () => {
        const items = [{ choice: { title: 'A', description: 'a', postback_data: 'a' } }];
        return viaWhatsapp({ list_message: { title: 'T', description: 'D', sections: [{ title: 'S', items }] } });
      },
      'two kinds': () =>
        refused(whatsapp({ text_message: { text: 'Hi' }, media_message: { url: 'https://x.example' } })),
    },
    'POST /mra/v1/outbound/whatsapp/template_message': {
      sample: () => {
        const WHATSAPP = { template_id: 'util_trial', language_code: 'en', parameters: { 'body[1]text': 'Ada' } };
        return brought('whatsapp', '447700900321', templated({ WHATSAPP }));
      },
      'without template_id': () => refused(templated({ WHATSAPP: { language_code: 'en' } })),
    },
    'GET /mra/v1/outbound/whatsapp/status': {
      sent: () => statusOf('whatsapp', whatsapp({ text_message: { text: 'Hi' } }), 'whatsapp'),
      'unknown job': () => unknown('whatsapp'),
    },
    'POST /mra/v1/inbound/whatsapp/messages/webhook': {
      url: async () => (await mra.mra('POST', hook, { body: { url: 'https://hooks.northwind.example/wa' } })).status,
      'no url': () => refused(mra.mra('POST', hook, { body: {} })),
    },
    'GET /mra/v1/inbound/whatsapp/messages/webhook': {
      set: async () => {
        const { status, body } = await mra.mra('GET', hook);
        expect(body).toEqual({ url: 'https://hooks.northwind.example/wa' });
        return status;
      },
    },
    'DELETE /mra/v1/inbound/whatsapp/messages/webhook': {
      set: async () => {
        const { status } = await mra.mra('DELETE', hook);
        expect((await mra.mra('GET', hook)).status).toBe(404);
        return status;
      },
      'not set': async () => (await mra.mra('DELETE', hook)).status,
    },
  });
  await mra.close();
});
