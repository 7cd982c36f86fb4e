import { z } from 'zod';
import { configSchema } from '../config/schema.ts';
import { allSystems } from '../systems/all.ts';
import { policySchema } from './schema.ts';

/** The published JSON Schemas, path in the repository → schema. Made from the schemas that the readers use, so they cannot say something else. */
export function jsonSchemas(): Record<string, unknown> {
  return {
    'config/schema/policy.schema.json': schemaOf(policySchema, 'Tenure policy: who gets what'),
    'config/schema/tenure.schema.json': schemaOf(
      configSchema(allSystems),
      'Tenure configuration: systems, engine, watch',
    ),
  };
}

function schemaOf(schema: z.ZodType, title: string): unknown {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', override: relax });
  return { $schema, title, ...rest };
}

/** `${env:NAME}` may stand where a URL or a secret does, so the patterns of texts that are filled in first would be wrong in an editor. */
function relax({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (typeof jsonSchema.pattern === 'string' && jsonSchema.pattern.startsWith('^https')) {
    const { pattern } = jsonSchema;
    delete jsonSchema.pattern;
    jsonSchema.anyOf = [{ pattern }, { pattern: '\\$\\{env:' }];
  }
}
