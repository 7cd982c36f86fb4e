import { ApiRefusal } from '../refusal.ts';

/** Gives the values of a field of one object; null asks for those that a bare word is looked for in. */
type Values = (field: string | null) => readonly string[];
type Test = (values: Values) => boolean;

/**
 * The search expression, as far as the contract knows it: `field:value`, `field=value`, `<`, `>`, `<=`, `>=`, ranges
 * `[a TO b]`, quotes, `*` at the end, AND, OR, NOT, `-` and parentheses. Wrong syntax is a 400.
 */
export function matcher(expression: string): (values: Values) => boolean {
  const tokens = expression.match(/\(|\)|(?:[^\s()"[\]]|"(?:[^"\\]|\\.)*"|\[[^\]]*\])+/g) ?? [];
  if (tokens.length === 0) return () => true;
  const parser = new Parser(tokens);
  const test = parser.either();
  if (!parser.done()) throw syntax(expression);
  return test;
}

function syntax(expression: string): ApiRefusal {
  return new ApiRefusal(400, `Syntax error in expression: ${expression}`);
}

class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  either(): Test {
    const tests = [this.#all()];
    while (this.#take('OR')) tests.push(this.#all());
    return (values) => tests.some((test) => test(values));
  }

  #all(): Test {
    const tests = [this.#one()];
    while (this.#take('AND') || (!this.done() && !['OR', ')'].includes(this.#tokens[this.#at] ?? '')))
      tests.push(this.#one());
    return (values) => tests.every((test) => test(values));
  }

  #one(): Test {
    if (this.#take('NOT')) {
      const test = this.#one();
      return (values) => !test(values);
    }
    if (this.#take('(')) {
      const test = this.either();
      if (!this.#take(')')) throw syntax(this.#tokens.join(' '));
      return test;
    }
    const token = this.#tokens[this.#at++];
    if (token === undefined || token === ')' || token === 'AND' || token === 'OR') throw syntax(this.#tokens.join(' '));
    if (token.startsWith('-') && token.length > 1) {
      const test = term(token.slice(1));
      return (values) => !test(values);
    }
    return term(token);
  }

  #take(word: string): boolean {
    if (this.#tokens[this.#at] !== word) return false;
    this.#at++;
    return true;
  }
}

function term(token: string): Test {
  const [, field, mark, rest = ''] = /^([\w.]+)(>=|<=|:|=|>|<)([\s\S]*)$/.exec(token) ?? [];
  if (field === undefined) return (values) => values(null).some((value) => tokenMatch(value, unquoted(token)));
  const range = /^\[\s*(\S+)\s+TO\s+(\S+)\s*\]$/i.exec(rest);
  if (range) {
    const [, from = '', to = ''] = range;
    return (values) => values(field).some((value) => compare(value, from) >= 0 && compare(value, to) <= 0);
  }
  const wanted = unquoted(rest);
  return (values) =>
    values(field).some((value) => {
      if (mark === ':') return tokenMatch(value, wanted);
      if (mark === '=') return wildcard(value, wanted);
      const order = compare(value, wanted);
      if (mark === '>') return order > 0;
      if (mark === '<') return order < 0;
      return mark === '>=' ? order >= 0 : order <= 0;
    });
}

function unquoted(text: string): string {
  return text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replace(/\\(.)/g, '$1')
    : text.replace(/\\(.)/g, '$1');
}

/** `=`: the whole value, whatever the case; a `*` at the end leaves the rest open. */
function wildcard(value: string, wanted: string): boolean {
  const [is, want] = [value.toLowerCase(), wanted.toLowerCase()];
  return want.endsWith('*') ? is.startsWith(want.slice(0, -1)) : is === want;
}

/** `:`: the whole value or one of its words. */
function tokenMatch(value: string, wanted: string): boolean {
  if (wildcard(value, wanted)) return true;
  return value.split(/[\s/_-]+/).some((word) => wildcard(word, wanted));
}

function compare(value: string, wanted: string): number {
  const [a, b] = [Number(value), Number(wanted)];
  if (!Number.isNaN(a) && !Number.isNaN(b)) return a - b;
  return value < wanted ? -1 : value > wanted ? 1 : 0;
}
