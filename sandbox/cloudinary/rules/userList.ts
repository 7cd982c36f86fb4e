import type { State, User } from '../state.ts';

/**
 * The users in the order they were made, and by e-mail: derived, and kept beside the state so that a page of a large
 * company does not walk through all of it. Whoever makes or removes a user, or changes an e-mail, forgets it.
 */
type List = { all: User[]; byEmail: Map<string, User> };

const lists = new WeakMap<State['users'], List>();

export function userList(state: State): List {
  const known = lists.get(state.users);
  if (known) return known;
  const all = Object.values(state.users);
  const list = { all, byEmail: new Map(all.map((user) => [user.email.toLowerCase(), user])) };
  lists.set(state.users, list);
  return list;
}

export function forgetUserList(state: State): void {
  lists.delete(state.users);
}

/** Puts a new user into the state. */
export function addUser(state: State, user: User): void {
  state.users[user.id] = user;
  const list = lists.get(state.users);
  list?.all.push(user);
  list?.byEmail.set(user.email.toLowerCase(), user);
}
