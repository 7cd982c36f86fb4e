import type { Context } from '../common/types.ts';
import { Refusal } from '../common/types.ts';

export type Value = string | number | boolean;

/** One behaviour that no public source tells: `is` unless another of `or` was selected. */
export type Choice = { is: Value; or: readonly Value[] | 'any number' | 'any text'; what: string };

/** What was selected with `/act {"action":"choose"}`; part of the state. */
export type Selected = Record<string, Value>;

/** The chosen constants of one stand-in. */
export class Choices<N extends string> {
  readonly #table: Record<N, Choice>;

  constructor(table: Record<N, Choice>) {
    this.#table = table;
  }

  /** The value in force. */
  value(state: { chosen: Selected }, name: N): Value {
    return state.chosen[name] ?? this.#table[name].is;
  }

  /** The value in force, and a note on the reply that it rests on it. */
  use(ctx: Context<{ chosen: Selected }>, name: N): Value {
    ctx.chosen(name);
    return this.value(ctx.state, name);
  }

  /** The value in force as a number. */
  count(state: { chosen: Selected }, name: N): number {
    return Number(this.value(state, name));
  }

  /** Selects an alternative; refuses unknown constants and values with a sentence. */
  select(state: { chosen: Selected }, name: unknown, value: unknown): void {
    if (typeof name !== 'string' || !this.#knows(name)) {
      throw new Refusal(`No constant ${JSON.stringify(name)}. Known: ${Object.keys(this.#table).join(', ')}.`);
    }
    const { or } = this.#table[name];
    if (!isValue(value) || !fits(or, value)) {
      const known = typeof or === 'string' ? or : or.map((v) => JSON.stringify(v)).join(', ');
      throw new Refusal(`${name} cannot be ${JSON.stringify(value)}. Use ${known}.`);
    }
    state.chosen[name] = value;
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
