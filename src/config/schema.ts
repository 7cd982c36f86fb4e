import { z } from 'zod';
import { ms, text } from './blocks.ts';

/** Shape of `config/tenure.yaml`. Published as `config/schema/tenure.schema.json`. */

/** A block of `systems:` as its system describes it. */
export type Block = { name: string; block: z.ZodType };

/** The whole file, for these systems. OTDS is always there; every other block may be left out. */
export function configSchema(systems: readonly Block[]) {
  const blocks = systems.map(({ name, block }) => [name, name === 'otds' ? block : block.optional()] as const);
  return z.strictObject({
    version: z.literal(1),
    policyFile: text.default('policy.yaml').describe('Path, relative to this file'),
    directory: text
      .default('otds')
      .describe('System that people are read from: otds, or the directory above it (ldap)'),
    systems: z.strictObject(Object.fromEntries(blocks)),
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
}

export type ConfigFile = z.infer<ReturnType<typeof configSchema>>;
