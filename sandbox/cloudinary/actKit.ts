import type { Json } from '../common/types.ts';
import { Refusal } from '../common/types.ts';
import { environmentOf } from './gate.ts';
import { userByEmail } from './rules/people.ts';
import type { Environment, State, User } from './state.ts';

export type Input = { as?: string; action: string; [k: string]: Json };

export const COMMON = { as: 'string?', action: 'string' } as const;

/** The user named by e-mail or id. */
export function userOf(state: State, name: Json | undefined): User {
  const user = typeof name === 'string' ? (state.users[name] ?? userByEmail(state, name)) : undefined;
  if (!user) throw new Refusal(`There is no user ${JSON.stringify(name)}.`, 404);
  return user;
}

/** The environment of that cloud name; the first one without a name. */
export function cloudOf(state: State, name: Json | undefined): Environment {
  const [first] = Object.values(state.environments);
  const env = typeof name === 'string' ? environmentOf(state, name) : first;
  if (!env) throw new Refusal(`There is no environment ${JSON.stringify(name)}.`, 404);
  return env;
}
