import {
  Environment,
  EvaluationError,
  ParseError,
  TypeError as CelTypeError,
  type ASTNode,
} from '@marcbachmann/cel-js';
import { suggest } from '../config/suggest.ts';
import type { Person } from '../domain/person.ts';
import { childrenOf } from './ast.ts';
import { groupsRead, type GroupRead } from './groupsRead.ts';

/** Fields of `person` in expressions and templates, with what they hold. Those marked optional are missing where the directory has no value. */
export const personFields: Readonly<
  Record<string, { type: 'string' | 'list<string>' | 'map<string, string>' | 'bool'; optional: boolean; what: string }>
> = {
  login: { type: 'string', optional: false, what: 'login name, without the partition' },
  partition: { type: 'string', optional: false, what: 'OTDS partition' },
  who: { type: 'string', optional: false, what: 'login@partition' },
  type: { type: 'string', optional: false, what: 'employee, contractor or partner' },
  state: { type: 'string', optional: false, what: 'active, disabled, locked or absent' },
  groups: { type: 'list<string>', optional: false, what: 'effective groups, direct and nested, as name@partition' },
  ownedUpstream: { type: 'bool', optional: false, what: 'true in a synchronised partition' },
  department: { type: 'string', optional: true, what: 'department' },
  region: { type: 'string', optional: true, what: 'region' },
  unit: { type: 'string', optional: true, what: 'business unit' },
  language: { type: 'string', optional: true, what: 'preferred language' },
  email: { type: 'string', optional: true, what: 'e-mail address' },
  manager: { type: 'string', optional: true, what: 'login@partition of the manager' },
  startAt: { type: 'string', optional: true, what: 'ISO instant of the first day' },
  endAt: { type: 'string', optional: true, what: 'ISO instant of the end' },
  attributes: { type: 'map<string, string>', optional: false, what: 'every other directory attribute, first value' },
};

/** A mistake in an expression; `offset` counts characters from its start. */
export type CelProblem = { offset: number; message: string; suggestion?: string };

/** An expression that was checked and can be asked about people. */
export type Expression = {
  text: string;
  /** Groups it reads. */
  groups: readonly GroupRead[];
  /** Never throws. `why`: a sentence without values, for instance that the person has no department; counts as no. */
  test(person: Person): { value: boolean; why?: string };
};

const environment = new Environment({
  limits: { maxAstNodes: 500, maxDepth: 30, maxListElements: 200, maxCallArguments: 8 },
}).registerVariable({
  name: 'person',
  schema: Object.fromEntries(Object.entries(personFields).map(([name, { type }]) => [name, type])),
});

/** Loops over a list; one within another could run for minutes over many groups. */
const LOOPS = ['exists', 'exists_one', 'all', 'filter', 'map'];
const METHODS = [...LOOPS, 'contains', 'startsWith', 'endsWith', 'size', 'lowerAscii', 'upperAscii', 'trim'];
const FUNCTIONS = ['has', 'size', 'string', 'int'];

/** Parses and checks an expression: it must be bounded, know what it names, and say true or false. */
export function checkExpression(text: string): { expression: Expression } | { problems: CelProblem[] } {
  let parsed: ReturnType<typeof environment.parse>;
  try {
    parsed = environment.parse(text);
  } catch (error) {
    if (error instanceof ParseError)
      return {
        problems: [
          { offset: error.range?.start ?? 0, message: `The expression cannot be read: ${plain(error.summary)}` },
        ],
      };
    throw error;
  }
  const refused = refusals(parsed.ast, false);
  if (refused.length > 0) return { problems: refused };
  const checked = parsed.check();
  if (!checked.valid) return { problems: [explain(text, checked.error)] };
  if (checked.type !== 'bool')
    return { problems: [{ offset: 0, message: `The expression gives a ${checked.type}; it must be true or false.` }] };
  const read = groupsRead(parsed.ast);
  if (read.problems.length > 0) return { problems: read.problems };
  return { expression: { text, groups: read.groups, test: (person) => ask(parsed, person) } };
}

function ask(parsed: ReturnType<typeof environment.parse>, person: Person): { value: boolean; why?: string } {
  try {
    return { value: parsed({ person: contextOf(person) }) === true };
  } catch (error) {
    if (!(error instanceof EvaluationError) && !(error instanceof CelTypeError))
      return { value: false, why: 'the expression failed' };
    const key = /^No such key: (\S+)/.exec(error.summary)?.[1];
    return {
      value: false,
      why: key === undefined ? 'the expression does not fit this person' : `the directory gives no ${key}`,
    };
  }
}

/** What expressions and templates see of a person. */
function contextOf(person: Person): Record<string, unknown> {
  const { login, partition, who, type, state, groups, ownedUpstream, attributes } = person;
  const optional = { ...person.fields, manager: person.manager, startAt: person.startAt, endAt: person.endAt };
  const known = Object.entries(optional).filter(([name, value]) => value !== undefined && personFields[name]?.optional);
  return { ...Object.fromEntries(known), login, partition, who, type, state, groups, ownedUpstream, attributes };
}

/** The text of a field for a template; undefined where the person has none. */
export function fieldOf(person: Person, field: string): string | undefined {
  const attribute = /^attributes\.(.+)$/.exec(field)?.[1];
  if (attribute !== undefined) return person.attributes[attribute];
  const value = contextOf(person)[field];
  return typeof value === 'string' ? value : undefined;
}

function refusals(node: ASTNode, inLoop: boolean): CelProblem[] {
  const found: CelProblem[] = [];
  if (node.op === '.' && node.args[0].op === 'id' && node.args[0].args === 'person') {
    // has(person.typo) is no type error to the library: it would simply never be true.
    return node.args[1] in personFields ? [] : [unknownField(node.args[1], node.pos)];
  }
  if (node.op === 'id' && node.args === 'person') {
    // Any other way to a field would hide from the reader which groups are read.
    return [{ offset: node.start, message: 'A field is written person.field; person cannot be used in another way.' }];
  }
  let children = childrenOf(node);
  let loopBody: readonly ASTNode[] = [];
  if (node.op === 'call' || node.op === 'rcall') {
    const name = node.args[0];
    const known = node.op === 'call' ? FUNCTIONS : METHODS;
    // A method call begins at its receiver; the name stands after the dot behind it.
    const offset = node.op === 'call' ? node.start : node.args[1].end + 1;
    if (name === 'matches') {
      return [
        {
          offset,
          message:
            'matches() is not allowed: a regular expression can run for minutes. Use startsWith, endsWith, contains or ==.',
        },
      ];
    }
    if (!known.includes(name)) {
      const meant = suggest(name, known);
      return [
        {
          offset,
          message: `There is no ${name}(); known: ${known.join(', ')}.`,
          ...(meant === undefined ? {} : { suggestion: meant }),
        },
      ];
    }
    if (node.op === 'rcall' && LOOPS.includes(name)) {
      if (inLoop)
        found.push({
          offset,
          message: `${name}() within another loop is not allowed: it could run for minutes. Write two conditions joined by && or ||.`,
        });
      children = [node.args[1]];
      loopBody = node.args[2];
    }
  }
  return [
    ...found,
    ...children.flatMap((child) => refusals(child, inLoop)),
    ...loopBody.flatMap((child) => refusals(child, true)),
  ];
}

function explain(text: string, error: unknown): CelProblem {
  if (!(error instanceof Error) || !('code' in error))
    return { offset: 0, message: 'The expression does not fit together.' };
  const range = 'range' in error && isRange(error.range) ? error.range : { start: 0, end: 0 };
  const named = text.slice(range.start, range.end);
  const summary = 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message;
  if (error.code === 'no_such_key') return unknownField(named, range.start);
  if (error.code === 'unknown_variable') {
    const meant = suggest(named, ['person']);
    return {
      offset: range.start,
      message: `There is nothing called "${named}"; expressions know only person.`,
      ...(meant === undefined ? {} : { suggestion: meant }),
    };
  }
  return { offset: range.start, message: `The expression does not fit together: ${plain(summary)}` };
}

function unknownField(name: string, offset: number): CelProblem {
  const meant = suggest(name, Object.keys(personFields));
  const message = `A person has no field "${name}"; other directory attributes are person.attributes["name"].`;
  return { offset, message, ...(meant === undefined ? {} : { suggestion: meant }) };
}

function isRange(value: unknown): value is { start: number; end: number } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'start' in value &&
    'end' in value &&
    typeof value.start === 'number' &&
    typeof value.end === 'number'
  );
}

function plain(summary: string): string {
  const first = summary.split('\n', 1)[0]?.trim() ?? '';
  return first.endsWith('.') ? first : `${first}.`;
}
