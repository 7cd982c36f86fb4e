import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { jsonSchemas } from './jsonSchemas.ts';

test.each(Object.entries(jsonSchemas()))(
  '%s is up to date (else run: node scripts/run.mjs scripts/schemas.ts)',
  (file, schema) => {
    const published: unknown = JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));
    expect(published).toEqual(JSON.parse(JSON.stringify(schema)));
  },
);
