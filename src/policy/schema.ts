import { z } from 'zod';
import { DURATION_PATTERN } from './duration.ts';

/** Shape of `config/policy.yaml`; meaning is checked by `read.ts`. Published as `config/schema/policy.schema.json`. */

const text = z.string().min(1, 'must not be empty');
const duration = (what: string) =>
  z.string().meta({ description: what, pattern: DURATION_PATTERN, examples: ['5 days', '1 h', '30 minutes'] });
const group = text.describe('Group with its partition: Security Approvers@staff');
const pattern = text.describe(
  'Entitlement pattern <system>:<kind>/<name>[#<level>][@<scope>]; * within a segment, ** across /',
);

const otherwise = z
  .strictObject({ managerOf: z.enum(['approver', 'person']).optional(), group: group.optional() })
  .refine((o) => (o.managerOf === undefined) !== (o.group === undefined), 'must name either managerOf or group')
  .describe('Who is asked when nobody answered in time; absent: nobody, no answer is a rejection');

const approval = z.strictObject({
  by: z.strictObject({ group }),
  within: duration('From asking to the second rung, and again from there to "no answer = rejected"'),
  remind: duration('From asking to the reminder; default: half of within').optional(),
  otherwise: otherwise.optional(),
  distinct: z
    .boolean()
    .default(true)
    .describe('Giver and beneficiary must differ (always so today; whoever asked and managers are not yet told apart)'),
  valid: duration('How long an approval holds; absent: as long as the demand').optional(),
});

const rule = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and "-"'),
  description: z.string().optional(),
  when: text.describe('CEL over person; true: the rule grants'),
  grant: z.array(text.describe('Entitlement key; may hold ${person.region}')).min(1, 'must grant at least one thing'),
  profile: z
    .record(z.string(), z.record(z.string(), z.string()))
    .optional()
    .describe('Account attributes per system; the first rule that says one wins'),
  approval: approval.optional(),
  onFailure: z
    .enum(['undo', 'hold', 'continue'])
    .optional()
    .describe('What a grant that fails for good becomes; default: undo with approval, else continue'),
  grace: duration(
    'How long access is kept after this rule stops granting it; default: grace, and none for rules with approval',
  ).optional(),
});

const conflict = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and "-"'),
  between: z.tuple([pattern, pattern]),
  mode: z
    .enum(['enforce', 'report'])
    .default('enforce')
    .describe('enforce: the younger side is left out; report: only said'),
  window: duration(
    'Also a conflict when the other side was held so recently; default: only at the same time',
  ).optional(),
});

const brake = z.strictObject({
  window: duration('Rolling window over all runs and targets'),
  revokes: z
    .strictObject({
      count: z.number().int('must be a whole number').min(1, 'must be at least 1').optional(),
      percent: z
        .number()
        .positive('must be more than 0')
        .max(100, 'must be at most 100')
        .optional()
        .describe('Share of all people known who lost something'),
    })
    .refine((r) => r.count !== undefined || r.percent !== undefined, 'must have count, percent or both'),
  onTrip: z.literal('hold').default('hold'),
});

export const policySchema = z.strictObject({
  version: z
    .number()
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .describe('Revision of this policy: raise it with every change'),
  managed: z
    .array(pattern)
    .min(1, 'must name what the policy manages')
    .describe('Only this is ever removed, and only this may be granted'),
  protected: z.array(text).default([]).describe('Never touched: entitlement patterns, or person:login@partition'),
  grace: duration('How long access is kept after no rule grants it any more; default: not at all').optional(),
  accounts: z
    .record(z.string(), z.strictObject({ whenUnused: z.enum(['disable', 'leave']) }))
    .default({})
    .describe('What becomes of an account that Tenure looks after when nothing is due on its system; default: leave'),
  rules: z.array(rule),
  conflicts: z.array(conflict).default([]),
  brakes: z.array(brake).default([]),
  freeze: z
    .strictObject({ since: text.describe('ISO date or instant'), by: text.describe('login@partition'), reason: text })
    .optional()
    .describe('Present: all writes stop but urgent revocations'),
});

export type PolicyFile = z.infer<typeof policySchema>;
export type RuleFile = PolicyFile['rules'][number];
