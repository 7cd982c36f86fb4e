import { z } from 'zod';
import { limits, mode, origin, secretRef, text } from '../../config/blocks.ts';

const client = {
  clientId: text.describe('Confidential OAuth client of OTDS'),
  clientSecret: secretRef,
};

const domain = z
  .strictObject({ clientId: client.clientId.optional(), clientSecret: secretRef.optional() })
  .describe('A client of its own for this domain: it is used for nothing else, nothing else is used here');

/** `systems.exstream` of `config/tenure.yaml`; every key is explained in docs/systems-exstream.md. */
export const block = z.strictObject({
  url: origin,
  mode,
  tokenUrl: z
    .string()
    .regex(/^https?:\/\/[^\s?#]+$/, 'must be the whole address of the token endpoint of OTDS')
    .describe('Whole address of the token endpoint; its form differs by installation, so it is never put together'),
  scope: text.default('otds:groups'),
  ...client,
  tokenLifeSeconds: z
    .number()
    .int('must be whole seconds')
    .min(60, 'must be at least 60 s')
    .default(900)
    .describe('Longest life of an access token: so long rights taken away may still work'),
  otds: z.strictObject({
    url: origin,
    clientId: client.clientId.optional(),
    clientSecret: secretRef.optional(),
    partitions: z.array(text).min(1, 'must name at least one partition').describe('Partitions of people and groups'),
    synchronised: z.array(text).default([]).describe('Of these, the ones whose source owns memberships'),
  }),
  accessRole: text.describe('OTDS access role of the Exstream resource: who is in it may log in'),
  domains: z.record(text, domain).describe('Domains Tenure looks after'),
  roles: z
    .record(
      z.string().regex(/^[^@/#]+@[^@/#]+$/, 'must read role@domain'),
      z.string().regex(/^[^/]+@[^@/\s]+$/, 'must be a group with its partition, for instance Designers@exstream.role'),
    )
    .describe('role@domain: the OTDS group that carries this role in this domain, and nothing else'),
  manageGroupRoles: z
    .boolean()
    .default(false)
    .describe('true: Tenure gives a carrying group its role where it lacks it; false: only says so'),
  otherGroups: z.array(text).default([]).describe('Groups that may have roles beside the carrying ones: no drift'),
  permissionDigests: z
    .record(text, z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal'))
    .default({})
    .describe('Role: digest of what it permits, as doctor prints it; another one is drift'),
  limits: limits(10_000, 20, 4),
});

export type ExstreamConfig = z.infer<typeof block>;
