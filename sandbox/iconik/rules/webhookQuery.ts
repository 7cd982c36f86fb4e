import { fieldError } from '../kit.ts';

/** Whether an event is what a webhook's `query` asks for. */
type Test = (event: unknown) => boolean;

const TOKENS = /\s*(?:([()])|(<=|>=|!=|=|<|>)|"((?:[^"\\]|\\.)*)"|\/((?:[^/\\]|\\.)*)\/|([^\s()=<>!"]+))/y;

type Token = { kind: 'bracket' | 'operator' | 'text' | 'regex' | 'word'; value: string };

/**
 * Reads a webhook's `query` (contract section 11): `path = != < > <= >= value`, joined by AND, OR and brackets; two
 * side by side mean AND. A value is a text in quotes, a number, true, false, null or `/regex/`. Anything else is a 400.
 */
export function webhookQuery(query: string): Test {
  const tokens = tokensOf(query);
  let at = 0;
  const word = (name: string): boolean => {
    const token = tokens[at];
    const fits = token?.kind === 'word' && token.value.toUpperCase() === name;
    if (fits) at++;
    return fits;
  };
  const bracket = (value: string): boolean => {
    const fits = tokens[at]?.kind === 'bracket' && tokens[at]?.value === value;
    if (fits) at++;
    return fits;
  };
  const either = (): Test => {
    const tests = [both()];
    while (word('OR')) tests.push(both());
    return (event) => tests.some((test) => test(event));
  };
  const both = (): Test => {
    const tests = [single()];
    while (at < tokens.length && !ends()) {
      word('AND');
      tests.push(single());
    }
    return (event) => tests.every((test) => test(event));
  };
  const ends = (): boolean => {
    const token = tokens[at];
    return (token?.kind === 'bracket' && token.value === ')') || (token?.kind === 'word' && /^or$/i.test(token.value));
  };
  const single = (): Test => {
    if (!bracket('(')) return comparison();
    const inner = either();
    if (!bracket(')')) throw wrong('a bracket is not closed');
    return inner;
  };
  const comparison = (): Test => {
    const [path, operator, value] = tokens.slice(at, at + 3);
    if (path?.kind !== 'word' || operator?.kind !== 'operator' || !value || value.kind === 'bracket') {
      throw wrong('a comparison such as operation="update" was due');
    }
    at += 3;
    return compare(path.value, operator.value, value);
  };
  const test = either();
  if (at < tokens.length) throw wrong(`"${tokens[at]?.value}" was not expected`);
  return test;
}

function wrong(why: string): Error {
  return fieldError('query', `Not a valid query: ${why}.`);
}

function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  TOKENS.lastIndex = 0;
  while (query.slice(TOKENS.lastIndex).trim() !== '') {
    const found = TOKENS.exec(query);
    if (!found) throw wrong('it cannot be read');
    const [, bracket, operator, text, regex, word] = found;
    if (bracket) tokens.push({ kind: 'bracket', value: bracket });
    else if (operator) tokens.push({ kind: 'operator', value: operator });
    else if (text !== undefined) tokens.push({ kind: 'text', value: text.replace(/\\(.)/g, '$1') });
    else if (regex !== undefined) tokens.push({ kind: 'regex', value: regex });
    else tokens.push({ kind: 'word', value: word ?? '' });
  }
  return tokens;
}

function compare(path: string, operator: string, { kind, value }: Token): Test {
  if (kind === 'regex') {
    const pattern = regexOf(value);
    return (event) => pattern.test(String(valueAt(event, path) ?? '')) === (operator === '=');
  }
  const wanted = kind === 'text' ? value : literal(value);
  if (operator === '=' || operator === '!=') {
    return (event) => ((valueAt(event, path) ?? null) === wanted) === (operator === '=');
  }
  return (event) => ordered(valueAt(event, path), operator, wanted);
}

function regexOf(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw wrong('the regular expression cannot be read');
  }
}

function literal(word: string): string | number | boolean | null {
  if (word === 'true' || word === 'false') return word === 'true';
  if (word === 'null') return null;
  return Number.isNaN(Number(word)) ? word : Number(word);
}

function ordered(value: unknown, operator: string, wanted: string | number | boolean | null): boolean {
  const both = typeof value === 'number' && typeof wanted === 'number';
  if (!both && !(typeof value === 'string' && typeof wanted === 'string')) return false;
  const [less, same] = [value < wanted, value === wanted];
  return operator.startsWith('<')
    ? less || (same && operator === '<=')
    : (!less && !same) || (same && operator === '>=');
}

function valueAt(event: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), event);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
