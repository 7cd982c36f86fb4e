import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { personFields } from './cel.ts';
import { jsonSchemas } from './jsonSchemas.ts';
import { knownSystems } from '../systems/all.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const reference = read('docs/policy-reference.md');

/** Every property name of a JSON Schema, at any depth. */
function names(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own =
    'properties' in schema && typeof schema.properties === 'object' ? Object.keys(schema.properties ?? {}) : [];
  return [...own, ...Object.values(schema).flatMap(names)];
}

test('the examples of the reference stand in config/policy.yaml', () => {
  const policy = read('config/policy.yaml')
    .split('\n')
    .map((line) => line.trim());
  const examples = [...reference.matchAll(/```yaml\n(?<text>[\s\S]*?)```/g)].flatMap(
    (found) => found.groups?.['text']?.split('\n') ?? [],
  );
  expect(examples.length).toBeGreaterThan(20);
  for (const line of examples) expect(policy).toContain(line.trim());
});

test('the reference names every key, every field of a person and every kind of entitlement', () => {
  for (const key of names(jsonSchemas()['config/schema/policy.schema.json']))
    expect(reference).toMatch(new RegExp(`\\b${key}\\b`));
  for (const field of Object.keys(personFields)) expect(reference).toMatch(new RegExp(`[.]${field}\\b`));
  for (const [system, { kinds }] of Object.entries(knownSystems)) {
    for (const kind of Object.keys(kinds)) expect(reference).toContain(`${system}:${kind}/`);
  }
});
