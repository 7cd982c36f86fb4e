import type { Context } from '../common/types.ts';
import { textOr, textsOf } from '../push/values.ts';
import { CHOSEN } from './chosen.ts';
import type { Client, State } from './state.ts';

/** What a request says about who shall get it. */
export type Wanted = {
  broadcast: boolean;
  users: string[];
  groups: string[];
  clientIds: string[];
  runtimes: string[];
  topic: string | null;
};

export function wantedOf(body: Record<string, unknown>): Wanted {
  return {
    broadcast: body['broadcast'] === true,
    users: [...textsOf(body['users']), ...textsOf(body['userIds'])],
    groups: textsOf(body['otdsGroups']),
    clientIds: textsOf(body['clientIds']),
    runtimes: textsOf(body['runtimes']),
    topic: textOr(body['topicName']),
  };
}

export function isEmpty({ broadcast, users, groups, clientIds, runtimes, topic }: Wanted): boolean {
  return !broadcast && topic === null && [users, groups, clientIds, runtimes].every((list) => list.length === 0);
}

const DAY_MS = 86_400_000;

/** The clients meant: recipients add up, each client once; names that nobody has are passed over in silence. */
export function clientsFor(ctx: Context<State>, wanted: Wanted): Client[] {
  const { state } = ctx;
  const people = [
    ...wanted.users.flatMap((name) => peopleCalled(ctx, name)),
    ...wanted.groups.flatMap((name) => membersOf(state, name)),
  ];
  const ids = new Set([
    ...people.flatMap((user) => state.clientsOf[user] ?? []),
    ...wanted.clientIds,
    ...everywhere(ctx, wanted),
  ]);
  return [...ids].flatMap((id) => state.clients[id] ?? []);
}

/** Clients that are meant whoever they belong to: by broadcast, runtime or topic. */
function everywhere(ctx: Context<State>, { broadcast, runtimes, topic }: Wanted): string[] {
  const { state } = ctx;
  if (!broadcast && runtimes.length === 0 && topic === null) return [];
  const oldest = new Date(ctx.now().getTime() - CHOSEN.count(state, 'OTAG_RECENT_DAYS') * DAY_MS).toISOString();
  const meant = ({ id, runtime, lastSeen }: Client): boolean =>
    (broadcast && (lastSeen === null || lastSeen >= oldest)) ||
    runtimes.includes(runtime) ||
    (topic !== null && state.phones[id]?.topics.includes(topic) === true);
  return Object.values(state.clients).flatMap((client) => (meant(client) ? client.id : []));
}

function peopleCalled({ state }: Context<State>, name: string): string[] {
  const canonical = state.users.filter((user) => user === name);
  if (canonical.length > 0 || CHOSEN.value(state, 'OTAG_USER') === 'canonical') return canonical;
  return state.users.filter((user) => user.slice(0, user.lastIndexOf('@')) === name);
}

/** Groups by `name@partition`, or by the bare name. */
function membersOf({ groups }: State, name: string): string[] {
  const exact = groups[name];
  if (exact) return exact;
  return Object.entries(groups).flatMap(([group, people]) =>
    group.slice(0, group.lastIndexOf('@')) === name ? people : [],
  );
}
