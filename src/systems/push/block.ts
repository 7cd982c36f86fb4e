import { z } from 'zod';
import { limits, mode, origin, secretRef, text } from '../../config/blocks.ts';
import { channelNames } from './channel.ts';

const address = z
  .string()
  .regex(/^(attributes\.\S+|[A-Za-z][A-Za-z0-9]*)$/, 'must be a field of the person, or attributes.<name>');

const base = z
  .string()
  .regex(/^https?:\/\/[^\s?#]+$/, 'must be an address such as https://api.us.cloudmessaging.opentext.com/mra/v1');

const notifications = z
  .strictObject({
    url: base.describe('Base address with its prefix, …/mra/v1'),
    user: text.optional().describe('Account user, for HTTP Basic'),
    password: secretRef.optional(),
    clientId: text.optional().describe('OAuth client credentials; they win over user and password'),
    clientSecret: secretRef.optional(),
    tokenUrl: base.optional().describe('Where client credentials are exchanged for a token'),
    requestTemplate: secretRef
      .optional()
      .describe('file:/path of the request file from your OpenText onboarding, with places; needed for push'),
    jobField: text
      .nullable()
      .default('job_id')
      .describe("Member of the parser's reply that holds the job's id; null: a 2xx alone counts as accepted"),
    maxPayloadBytes: z.number().int().min(256).default(4096).describe('Longest request file, bytes'),
    messageIdIsIdempotent: z
      .boolean()
      .default(false)
      .describe('true once you have seen that your account answers a repeated message_id with the first job'),
  })
  .describe('OpenText Notifications: push, text and mail');

const otag = z
  .strictObject({
    url: origin,
    appName: text.describe('Name of the deployed AppWorks service'),
    appKey: secretRef,
  })
  .describe('AppWorks Gateway');

const fcm = z
  .strictObject({
    url: origin.default('https://fcm.googleapis.com'),
    serviceAccount: secretRef.describe('file:/path of the service-account key file'),
    project: text.optional().describe('Default: the project of the key file'),
  })
  .describe('Firebase Cloud Messaging, HTTP v1');

/** Shape of `systems.push`. */
export const pushBlock = z.strictObject({
  mode,
  channels: z
    .array(z.enum(channelNames))
    .min(1, 'must name at least one channel')
    .describe('How people are told, in this order'),
  over: z
    .enum(['first', 'all'])
    .default('first')
    .describe('first: the next channel only where the one before reaches nobody; all: every channel'),
  pushText: z
    .enum(['full', 'title'])
    .default('full')
    .describe('What stands on the screen of a device: what changed and why, or the title alone'),
  instructions: text.optional().describe('What a joiner is told besides: where to sign in, whom to ask'),
  addresses: z
    .strictObject({ email: address.default('email'), sms: address.default('attributes.oTMobile') })
    .prefault({})
    .describe('Field of the person, or attributes.<directory name>, with the address'),
  notifications: notifications.optional(),
  otag: otag.optional(),
  fcm: fcm.optional(),
  limits: limits(10_000, 50, 8),
});

export type PushConfig = z.infer<typeof pushBlock>;
export type NotificationsConfig = NonNullable<PushConfig['notifications']>;
