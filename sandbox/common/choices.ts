import { fields } from './fields.ts';
import type { Context, Json } from './types.ts';
import { Refusal } from './types.ts';

type Value = string | number | boolean;

/** One behaviour that no public source tells: `is` unless another of `or` was selected. */
export type Choice = { is: Value; or: readonly Value[] | 'any number' | 'any text'; what: string };

/** What was selected with `/act {"action":"choose"}`; part of the state. */
export type Selected = Record<string, Value>;

type Chooser = { chosen: Selected };

/** The chosen constants of one stand-in. */
export class Choices<N extends string> {
  readonly #table: Readonly<Record<N, Choice>>;

  constructor(table: Readonly<Record<N, Choice>>) {
    this.#table = table;
  }

  /** The value in force: the alternative that was selected, else the choice. */
  value(state: Chooser, name: N): Value {
    return state.chosen[name] ?? this.#table[name].is;
  }

  /** The same where the value is a number (a status, a count, milliseconds). */
  count(state: Chooser, name: N): number {
    return Number(this.value(state, name));
  }

  /** The value in force, and a note on the reply that it rests on it. */
  use(ctx: Context<Chooser>, name: N): Value {
    ctx.chosen(name);
    return this.value(ctx.state, name);
  }

  /** The action `{"action":"choose","constant":…,"value":…}`: selects an alternative, or refuses with a sentence. */
  act(input: object, ctx: Context<Chooser>): Json {
    const shape = { as: 'string?', action: 'string', constant: 'string', value: 'any' } as const;
    const { constant, value } = fields('choose', input, shape);
    const name = String(constant);
    if (!this.#knows(name)) throw new Refusal(`No constant "${name}". Known: ${Object.keys(this.#table).join(', ')}.`);
    const { or } = this.#table[name];
    if (!isValue(value) || !fits(or, value))
      throw new Refusal(`${name} cannot be ${JSON.stringify(value)}. Use ${wordsOf(or)}.`);
    ctx.state.chosen[name] = value;
    return { constant: name, value };
  }

  #knows(name: string): name is N {
    return Object.hasOwn(this.#table, name);
  }
}

function isValue(value: unknown): value is Value {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function fits(or: Choice['or'], value: Value): boolean {
  if (or === 'any number') return typeof value === 'number' && Number.isFinite(value) && value >= 0;
  if (or === 'any text') return typeof value === 'string';
  return or.includes(value);
}

function wordsOf(or: Choice['or']): string {
  if (or === 'any number') return 'a number from 0';
  return typeof or === 'string' ? or : or.map((value) => JSON.stringify(value)).join(', ');
}
