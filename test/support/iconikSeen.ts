/** People in iconik as its stand-in itself holds them, past all code of Tenure. */

/** An iconik user as iconik itself holds it: names, sorted. `Everyone` is left out. */
export type SeenUser = {
  id: string;
  email: string;
  status: string;
  type: string;
  name: string;
  primary: string | null;
  teams: string[];
  roles: string[];
  /** Titles of collections with a row of the person alone. */
  rows: string[];
  /** Own shares. */
  shares: string[];
};

type IconikUser = {
  id: string;
  email: string;
  status: string;
  type: string;
  first_name: string | null;
  last_name: string | null;
  primary_group: string | null;
  groups: string[];
};
/** `GET /state` of the iconik stand-in, as far as it is looked at. */
export type IconikState = {
  users: Record<string, IconikUser>;
  groups: Record<string, { id: string; name: string; kind: string; is_system: boolean }>;
  acls: Record<string, { users: Record<string, unknown> }>;
  propagating: Record<string, { users: Record<string, unknown> }>;
  collections: Record<string, { id: string; title: string; parent_id: string | null }>;
  shares: Record<string, { id: string; owner_id: string }>;
};

export function seenUser(state: IconikState, user: IconikUser): SeenUser {
  const groups = user.groups.map((id) => state.groups[id]).filter((group) => group !== undefined);
  const names = (kind: string) =>
    groups
      .filter((group) => group.kind === kind && group.name !== 'Everyone')
      .map((group) => group.name)
      .sort();
  const title = (id: string): string => state.collections[id]?.title ?? id;
  const rows = [
    ...Object.entries(state.acls).flatMap(([path, entry]) =>
      path.startsWith('collections/') && user.id in entry.users ? [title(path.slice('collections/'.length))] : [],
    ),
    ...Object.entries(state.propagating).flatMap(([id, entry]) => (user.id in entry.users ? [title(id)] : [])),
  ];
  return {
    id: user.id,
    email: user.email,
    status: user.status,
    type: user.type,
    name: `${user.first_name ?? ''} ${user.last_name ?? ''}`,
    primary: (user.primary_group && state.groups[user.primary_group]?.name) || null,
    teams: names('TEAM'),
    roles: names('ROLE_GROUP'),
    rows: [...new Set(rows)].sort(),
    shares: Object.values(state.shares)
      .filter((share) => share.owner_id === user.id)
      .map((share) => share.id),
  };
}
