import type { Shape } from '../push/shape.ts';
import type { Channel } from './state.ts';

/** Request bodies as contract sections 2.2 to 2.4 and 2.7 (and the vendor's own samples) have them. */

const options: Record<string, Shape> = { message_id: 'text', billing_code: 'text', customer_reference: 'text' };

const reportDestinations: Shape = { list: { fields: { email: 'text', sms: 'text', fax: 'text', url: 'text' } } };
const report: Shape = { fields: { type: 'text', report_destinations: reportDestinations } };
const reports: Shape = {
  fields: {
    report_template: 'text',
    delivery_report: report,
    final_report: report,
    progress_report: { fields: { type: 'text', intervals: 'any', report_destinations: reportDestinations } },
  },
};

const inserts: Shape = { list: { fields: { 'id!': 'integer', 'value!': 'text' } } };

const emailOptions: Shape = {
  fields: {
    subject: 'text',
    from_display_name: 'text',
    forward_reply: 'text',
    charset: 'text',
    html_open_tracking: 'text',
    expiration_days: 'integer',
    pull_password: 'text',
    display_to: 'text',
    display_cc: 'text',
  },
};

const textMessage: Shape = { fields: { 'text!': 'text' } };
const mediaMessage: Shape = { fields: { 'url!': 'text' } };
const choices: Shape = { list: { fields: { 'text_message!': textMessage, 'postback_data!': 'text' } }, min: 1 };
const item: Shape = {
  fields: { 'choice!': { fields: { 'title!': 'text', description: 'text', 'postback_data!': 'text' } } },
};
const section: Shape = { fields: { title: 'text', description: 'text', 'items!': { list: item, min: 1 } } };

const whatsappMessage: Shape = {
  fields: {
    text_message: textMessage,
    media_message: mediaMessage,
    location_message: {
      fields: {
        title: 'text',
        label: 'text',
        'coordinates!': { fields: { 'latitude!': 'number', 'longitude!': 'number' } },
      },
    },
    card_message: {
      fields: { title: 'text', description: 'text', height: 'text', media_message: mediaMessage, choices },
    },
    choice_message: { fields: { 'text_message!': textMessage, 'choices!': choices } },
    list_message: { fields: { title: 'text', description: 'text', 'sections!': { list: section, min: 1 } } },
  },
};

const template: Shape = {
  fields: {
    'template_message!': {
      fields: {
        'channel_template!': {
          fields: {
            'WHATSAPP!': { fields: { 'template_id!': 'text', 'language_code!': 'text', parameters: { map: 'text' } } },
          },
        },
      },
    },
  },
};

function destinations(fields: Record<string, Shape>): Shape {
  return { list: { fields: { ...fields, ref: 'text' } }, min: 1 };
}

const file: Record<string, Shape> = { 'name!': 'text', 'type!': 'text', charset: 'text', 'data!': 'text' };

export const SUBMITS: Record<Exclude<Channel, 'push'> | 'template', Shape> = {
  sms: {
    fields: {
      'destinations!': destinations({ 'sms!': 'text', inserts }),
      'sms_text!': 'text',
      options: { fields: options },
      reports,
    },
  },
  emails: {
    fields: {
      'destinations!': destinations({ 'email!': 'text', inserts, display_to: 'text', display_cc: 'text' }),
      'body!': { list: { fields: file }, min: 1 },
      options: { fields: { ...options, email_options: emailOptions } },
      reports,
    },
  },
  faxes: {
    fields: {
      'destinations!': destinations({ 'fax!': 'text' }),
      'documents!': { list: { fields: file }, min: 1 },
      options: { fields: options },
      reports,
    },
  },
  whatsapp: {
    fields: {
      'destinations!': destinations({ 'whatsapp!': 'text' }),
      'whatsapp_message!': whatsappMessage,
      options: { fields: options },
    },
  },
  template: {
    fields: {
      'destinations!': destinations({ 'whatsapp!': 'text' }),
      'whatsapp_template_message!': template,
      options: { fields: options },
    },
  },
};

export const PARSER: Shape = { fields: { 'domain!': 'text', 'filename!': 'text', 'data!': 'text' } };

export const WEBHOOK: Shape = { fields: { 'url!': 'text' } };

/** The stand-in's own inner file. It is not OpenText's, and says so. */
export const INNER: Shape = {
  fields: {
    'standin_fake_schema!': 'integer',
    'nid!': 'text',
    tokens: { list: 'text' },
    topic: 'text',
    'title!': 'text',
    'body!': 'text',
    data: { map: 'text' },
    ttl_s: 'integer',
    priority: 'text',
    collapse: 'text',
  },
};
