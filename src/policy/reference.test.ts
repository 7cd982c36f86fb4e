import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseEntitlement } from '../domain/entitlement.ts';
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

const HEADINGS = ['key', 'means', 'grant', 'revoke', 'read back by', 'needs', 'the proof does not cover'];

/** Rows of the table under "Entitlements" of a system's page, cell by cell. */
function rowsOf(page: string): string[][] {
  const [section = ''] = page.split(/^## Entitlements.*$/m).slice(1);
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe.each(Object.entries(knownSystems))('the page of %s', (system, { kinds }) => {
  const page = read(`docs/systems-${system}.md`);
  const [headings, , ...rows] = rowsOf(page);

  test('is linked, and has the sections that every page has', () => {
    expect(reference).toContain(`[${system}](systems-${system}.md)`);
    for (const section of ['Entitlements', 'What it needs', 'What a proof covers, and what not'])
      expect(page).toMatch(new RegExp(`^## ${section}`, 'm'));
    expect(headings).toEqual(HEADINGS);
  });

  test.each(Object.keys(kinds))(
    'says of %s with an example what it calls, needs, proves and does not prove',
    (kind) => {
      const row = rows.find(([key]) => key?.startsWith(`\`${system}:${kind}/`)) ?? [];
      expect(row.map((cell) => cell !== '')).toEqual(HEADINGS.map(() => true));
      const { scoped, levels } = kinds[kind] ?? {};
      const example = parseEntitlement(row[0]?.replaceAll('`', '') ?? '');
      expect(example).toMatchObject({ system, kind, ...(scoped && { scope: expect.any(String) }) });
      if (levels) expect(levels).toContain(example?.level);
    },
  );

  test('has no row of a kind that it does not know', () => {
    const named = rows.map(([key = '']) => /^`(?<system>[a-z]+):(?<kind>[a-z-]+)[/]/.exec(key)?.groups?.['kind']);
    expect(named.sort()).toEqual(Object.keys(kinds).sort());
  });
});
