import { z } from 'zod';
import { suggest } from './suggest.ts';
import type { Path, Problem, YamlFile } from './yamlFile.ts';

type JsonSchema = { readonly [key: string]: unknown };

/** Checks a file against a schema: the parsed value, or every mistake with its place and what was probably meant. */
export function checkFile<T>(
  yaml: YamlFile,
  schema: z.ZodType<T>,
  value: unknown = yaml.value,
): { value: T } | { problems: Problem[] } {
  if (yaml.problems.length > 0) return { problems: [...yaml.problems] };
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  const json: JsonSchema = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return { problems: result.error.issues.flatMap((issue) => problemsOf(issue, yaml, value, json)) };
}

function problemsOf(issue: z.core.$ZodIssue, yaml: YamlFile, value: unknown, json: JsonSchema): Problem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const where = written(path);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(json, path);
    return issue.keys.map((key) => {
      const list = known.length > 0 ? ` Known here: ${known.join(', ')}.` : '';
      return yaml.problem(
        { path, key },
        `Unknown key "${key}"${path.length > 0 ? ` in ${where}` : ''}.${list}`,
        suggest(key, known),
      );
    });
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const given = valueAt(value, path);
    if (given === undefined) return [yaml.problem({ path }, `${where} is missing; it must be ${oneOf(values)}.`)];
    return [
      yaml.problem(
        { path },
        `${where} is "${shown(given)}"; it must be ${oneOf(values)}.`,
        suggest(shown(given), values),
      ),
    ];
  }
  if (issue.code === 'invalid_type' && valueAt(value, path) === undefined) {
    return [yaml.problem({ path }, `${where} is missing; it must be ${article(issue.expected)}.`)];
  }
  if (issue.code === 'invalid_type') return [yaml.problem({ path }, `${where} must be ${article(issue.expected)}.`)];
  return [yaml.problem({ path }, `${where}: ${issue.message}`)];
}

/** `rules[2].grant[0]`. */
function written(path: Path): string {
  return (
    path.reduce<string>(
      (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${part}` : part),
      '',
    ) || 'The file'
  );
}

/** A value as it stands in the file; lists and mappings as JSON. */
function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? `"${values[0]}"` : `one of ${values.join(', ')}`;
}

const ARTICLES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys',
  record: 'a mapping of keys',
};

function article(expected: string): string {
  return ARTICLES[expected] ?? `a ${expected}`;
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.entries(found).find(([key]) => key === String(part))?.[1];
  }
  return found;
}

/** Names of the keys that the schema knows at a path. */
function keysAt(root: JsonSchema, path: Path): string[] {
  let nodes = alternatives(root);
  for (const part of path) {
    nodes = nodes.flatMap((node) => {
      const next =
        typeof part === 'number'
          ? member(node, 'items')
          : (member(member(node, 'properties'), String(part)) ?? member(node, 'additionalProperties'));
      return next ? alternatives(next) : [];
    });
  }
  return [...new Set(nodes.flatMap((node) => Object.keys(member(node, 'properties') ?? {})))];
}

function alternatives(node: JsonSchema): JsonSchema[] {
  const nested = ['anyOf', 'oneOf', 'allOf'].flatMap((key) =>
    Array.isArray(node[key]) ? node[key].filter(isSchema) : [],
  );
  return [node, ...nested.flatMap(alternatives)];
}

function member(node: JsonSchema | undefined, key: string): JsonSchema | undefined {
  const found = node?.[key];
  return isSchema(found) ? found : undefined;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
