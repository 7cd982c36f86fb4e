import { z } from 'zod';
import { limits, mode, origin, profile, secretRef, text } from '../../config/blocks.ts';
import { defineSystem } from '../system.ts';
import { createOtds } from './otds.ts';

const block = z.strictObject({
  url: origin,
  mode,
  user: text.optional().describe('Ticket login: user@partition or user'),
  password: secretRef.optional(),
  clientId: text.optional().describe('OAuth client credentials; they win over user and password'),
  clientSecret: secretRef.optional(),
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
  via: z
    .enum(['rest', 'scim'])
    .default('rest')
    .describe('How accounts and group members are written; scim also creates people who come from another directory'),
  scimUrl: z
    .string()
    .regex(/^https?:\/\/[^\s?#]+$/, 'must be an address such as https://otds.example.com/scim')
    .optional()
    .describe('Base of SCIM without the partition; default: below OTDS itself'),
  profile: profile({}),
  limits: limits(10_000, 50, 8),
});

type Block = z.infer<typeof block>;

export const otdsSystem = defineSystem({
  name: 'otds',
  block,
  vocabulary: {
    kinds: {
      group: { what: 'member of an OTDS group', scoped: true },
      accessrole: { what: 'member of an OTDS access role' },
      role: { what: 'holder of an OTDS role' },
    },
    profile: [],
  },
  check: (otds, report) => {
    for (const [index, name] of otds.synchronised.entries()) {
      if (!otds.partitions.includes(name)) report(['synchronised', index], `"${name}" is not among the partitions.`);
    }
    if (otds.clientId !== undefined && otds.clientSecret === undefined)
      report([], 'clientId is set but clientSecret is not.');
    if (otds.via === 'scim' && otds.clientId === undefined)
      report(['via'], 'SCIM needs an OAuth client that administers the partitions: clientId and clientSecret.');
    if (otds.clientId === undefined && (otds.user === undefined || otds.password === undefined))
      report([], 'Say how to log in: user and password, or clientId and clientSecret.');
  },
  secrets: ({ clientId, clientSecret, password }: Block) => {
    const [name, ref] = clientId === undefined ? ['password', password] : ['clientSecret', clientSecret];
    return ref === undefined ? [] : [[[name], ref] as const];
  },
  create: (config, deps) => createOtds({ ...config, url: withPath(config.url) }, deps),
});

/** An origin alone means OTDS at its usual path. */
function withPath(url: string): string {
  const { pathname } = new URL(url);
  return pathname === '/' ? new URL('/otdsws', url).href : url;
}
