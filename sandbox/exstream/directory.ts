import { CHOSEN } from './chosen.ts';
import { digest } from './ids.ts';
import type { Otds } from './otds.ts';
import type { Session, State } from './state.ts';

/** Where people, tokens and groups come from: an OTDS over HTTP, or the seed. */
export type Directory = {
  otds: Otds | null;
  /** Name of the OTDS resource whose access role must let a user in; null = not asked. */
  resource: string | null;
};

/** The seed's groups of a person, with nested ones when that is chosen. */
export function seedGroups(state: State, user: string): string[] {
  const direct = state.people[user]?.groups ?? [];
  if (CHOSEN.value(state, 'NESTED_GROUPS') === 'flat') return direct;
  const all = new Set(direct);
  for (const group of all) for (const parent of state.groupParents[group] ?? []) all.add(parent); // grows while read
  return [...all];
}

/** The person of that name: `login@partition` in any case, or a bare login that only one has. */
export function seedPerson(state: State, name: string): string | null {
  if (Object.hasOwn(state.people, name)) return name;
  const wanted = name.toLowerCase();
  const refs = Object.keys(state.people);
  const exact = refs.find((ref) => ref.toLowerCase() === wanted);
  if (exact !== undefined) return exact;
  const bare = refs.filter((ref) => ref.toLowerCase().startsWith(`${wanted}@`));
  return bare.length === 1 ? (bare[0] ?? null) : null;
}

/** The groups of a user now. `credential`: headers of the user's own log-in. */
export function groupsNow(
  directory: Directory,
  state: State,
  user: string,
  credential: Record<string, string>,
): Promise<string[]> {
  if (!directory.otds) return Promise.resolve(seedGroups(state, user));
  return directory.otds.groups(user, credential, CHOSEN.value(state, 'NESTED_GROUPS') === 'expanded');
}

/** Keeps a token or ticket by its digest; those that ended a day ago are forgotten. */
export function keepSession(state: State, secret: string, session: Session, now: Date): void {
  const dayAgo = now.getTime() - 86_400_000;
  for (const [key, { expires }] of Object.entries(state.tokens)) {
    if (Date.parse(expires) > dayAgo) break; // oldest first
    delete state.tokens[key];
  }
  state.tokens[digest(secret)] = session;
}
