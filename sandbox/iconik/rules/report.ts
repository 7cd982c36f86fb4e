import type { Json } from '../../common/types.ts';
import type { AclEntry, GranteeKind, State } from '../state.ts';
import { inherited } from './access.ts';

const KINDS: readonly GranteeKind[] = ['users', 'groups', 'shares'];

/**
 * Every access row there is, marked `direct`, `propagating` or `inherited`, and `ghost` when its user or group is gone.
 * Key: `<mark>/<type>/<object>/<grantee>`, for inherited rows with the collection they come from at the end.
 */
export function accessRows(state: State): Record<string, Json> {
  const rows: Record<string, Json> = {};
  const put = (mark: string, type: string, key: string, kind: GranteeKind, id: string, permissions: string[]): void => {
    rows[`${mark}/${type}/${key}/${id}`] = row(state, mark, type, key, kind, id, permissions, null);
  };
  const entries = (mark: string, type: string, key: string, entry: AclEntry): void => {
    for (const kind of KINDS) {
      for (const [id, { permissions }] of Object.entries(entry[kind])) put(mark, type, key, kind, id, permissions);
    }
  };
  for (const [path, entry] of Object.entries(state.acls)) {
    const [type = '', key = ''] = path.split('/');
    entries('direct', type, key, entry);
  }
  for (const [key, entry] of Object.entries(state.propagating)) entries('propagating', 'collections', key, entry);
  const objects = [
    ...Object.keys(state.collections).map((id) => ({ type: 'collections', id })),
    ...Object.values(state.things).map(({ object_type: type, id }) => ({ type, id })),
  ];
  for (const { type, id } of objects) {
    for (const kind of KINDS) {
      for (const found of inherited(state, type, id, kind)) {
        const { grantee, object_key: from, permissions } = found;
        rows[`inherited/${type}/${id}/${grantee}/${from}`] = row(
          state,
          'inherited',
          type,
          id,
          kind,
          grantee,
          permissions,
          from,
        );
      }
    }
  }
  return rows;
}

function row(
  state: State,
  mark: string,
  type: string,
  key: string,
  kind: GranteeKind,
  grantee: string,
  permissions: string[],
  from: string | null,
): Json {
  const user = state.users[grantee];
  const there =
    kind === 'users'
      ? user !== undefined && user.status !== 'DELETED'
      : kind === 'groups'
        ? state.groups[grantee] !== undefined
        : state.shares[grantee] !== undefined;
  return {
    mark,
    ghost: !there,
    object_type: type,
    object_key: key,
    grantee: kind,
    grantee_id: grantee,
    permissions,
    from,
  };
}

/** Who is in which group, by `<group>/<user>`. */
export function memberships(state: State): Record<string, Json> {
  const rows: Record<string, Json> = {};
  for (const user of Object.values(state.users)) {
    for (const id of user.groups) {
      const group = state.groups[id];
      rows[`${id}/${user.id}`] = {
        group_id: id,
        group: group?.name ?? null,
        kind: group?.kind ?? null,
        user_id: user.id,
        email: user.email,
        primary: user.primary_group === id,
      };
    }
  }
  return rows;
}
