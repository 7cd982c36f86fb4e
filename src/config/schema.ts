import { z } from 'zod';

/** Shape of `config/tenure.yaml`. Published as `config/schema/tenure.schema.json`. */

const url = z
  .string()
  .regex(/^https?:\/\/[^\s/?#]+$/, 'must be an origin such as https://otds.example.com:8443, without a path')
  .describe('Origin, without a path');
const secret = z
  .string()
  .regex(
    /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/,
    'must say where the secret is: env:NAME or file:/path, never the secret itself',
  )
  .describe('Where the secret is: env:NAME or file:/path');
const text = z.string().min(1, 'must not be empty');
const mode = z
  .enum(['observe', 'adopt', 'enforce'])
  .describe('observe: report only; adopt: link accounts, change nothing; enforce: change');
const ms = (min: number, what: string) =>
  z.number().int('must be whole milliseconds').min(min, `must be at least ${min} ms`).describe(`${what}, milliseconds`);

const limits = (requestMs: number, perSecond: number, concurrent: number) =>
  z
    .strictObject({
      requestMs: ms(100, 'Hard limit of one request').max(600_000, 'must be at most 600000 ms').default(requestMs),
      perSecond: z.number().positive('must be more than 0').default(perSecond).describe('Requests per second'),
      concurrent: z
        .number()
        .int('must be a whole number')
        .min(1, 'must be at least 1')
        .default(concurrent)
        .describe('Requests at once'),
    })
    .prefault({});

const otds = z.strictObject({
  url,
  mode: mode.default('observe'),
  user: text.optional().describe('Ticket login: user@partition or user'),
  password: secret.optional(),
  clientId: text.optional().describe('OAuth client credentials; they win over user and password'),
  clientSecret: secret.optional(),
  partitions: z.array(text).min(1, 'must name at least one partition').describe('Partitions Tenure looks after'),
  synchronised: z.array(text).default([]).describe('Of these, the ones whose source owns accounts and attributes'),
  attributes: z
    .strictObject({
      type: text.default('oTExtraAttr0').describe('employee, contractor or partner'),
      startAt: text.default('oTExtraAttr1'),
      endAt: text.default('oTExtraAttr2'),
      region: text.default('oTExtraAttr3'),
      unit: text.default('oTExtraAttr4'),
      manager: text.default('oTExtraAttr5').describe('login@partition of the manager'),
      department: text.default('oTDepartment'),
      language: text.default('preferredLanguage'),
      email: text.default('mail'),
    })
    .prefault({})
    .describe('Which directory attribute is which'),
  limits: limits(10_000, 50, 8),
});

const iconik = z.strictObject({
  url,
  mode: mode.default('observe'),
  appId: text,
  authToken: secret,
  fallbackTeam: text.describe("Team without access that becomes primary when a leaver's own primary team must go"),
  profile: z
    .record(
      z.string(),
      z
        .string()
        .regex(
          /^(=.*|attributes\.\S+|[A-Za-z][A-Za-z0-9]*)$/s,
          'must be a field of the person, attributes.<name>, or a constant =text',
        ),
    )
    .default({ email: 'email', first_name: 'attributes.givenName', last_name: 'attributes.sn', type: '=STANDARD' })
    .describe('Attribute of the account: field of the person, attributes.<directory name>, or =constant'),
  deleteAfterDays: z
    .number()
    .int('must be whole days')
    .min(1, 'must be at least 1 day')
    .optional()
    .describe('Opt-in: delete accounts Tenure created, so many days after a leaver was proved disabled'),
  limits: limits(20_000, 40, 4),
});

export const configSchema = z.strictObject({
  version: z.literal(1),
  policyFile: text.default('policy.yaml').describe('Path, relative to this file'),
  systems: z.strictObject({ otds, iconik }),
  engine: z
    .strictObject({
      leaseMs: ms(1000, 'Life of a lease between renewals').default(30_000),
      landingMarginMs: ms(
        0,
        "Added to a request's hard limit before its effect is believed not to come any more",
      ).default(5_000),
      recheckMs: ms(0, "A leaver's re-check after the last proof").default(86_400_000),
    })
    .prefault({}),
  watch: z
    .strictObject({
      everyMs: ms(1000, 'Time between two passes over the directory').default(300_000),
      leavers: z
        .strictObject({ count: z.number().int('must be a whole number').min(0, 'must not be negative') })
        .default({ count: 10 })
        .describe('A pass that would start more leavers holds them for a release'),
      sweepAfterMs: ms(0, 'An unproved pair younger than this is left to its own run').default(60_000),
    })
    .prefault({}),
});

export type ConfigFile = z.infer<typeof configSchema>;
