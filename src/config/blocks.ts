/** Pieces that the blocks of `systems:` in `config/tenure.yaml` are made of. */
import { z } from 'zod';

export const text = z.string().min(1, 'must not be empty');

export const origin = z
  .string()
  .regex(/^https?:\/\/[^\s/?#]+$/, 'must be an origin such as https://otds.example.com:8443, without a path')
  .describe('Origin, without a path');

export const secretRef = z
  .string()
  .regex(
    /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/,
    'must say where the secret is: env:NAME or file:/path, never the secret itself',
  )
  .describe('Where the secret is: env:NAME or file:/path');

export const mode = z
  .enum(['observe', 'adopt', 'enforce'])
  .default('observe')
  .describe('observe: report only; adopt: link accounts, change nothing; enforce: change');

export const ms = (min: number, what: string) =>
  z.number().int('must be whole milliseconds').min(min, `must be at least ${min} ms`).describe(`${what}, milliseconds`);

/** `limits:` of a block, with the system's own defaults. */
export const limits = (requestMs: number, perSecond: number, concurrent: number) =>
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

/** `profile:` of a block: what is written to an account, from what. */
export const profile = (defaults: Readonly<Record<string, string>>) =>
  z
    .record(
      z.string(),
      z
        .string()
        .regex(
          /^(=.*|attributes\.\S+|[A-Za-z][A-Za-z0-9]*)$/s,
          'must be a field of the person, attributes.<name>, or a constant =text',
        ),
    )
    .default(defaults)
    .describe('Attribute of the account: field of the person, attributes.<directory name>, or =constant');

export const deleteAfterDays = z
  .number()
  .int('must be whole days')
  .min(1, 'must be at least 1 day')
  .optional()
  .describe('Opt-in: delete accounts Tenure created, so many days after a leaver was proved disabled');
