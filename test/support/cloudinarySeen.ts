/** People in Cloudinary as its stand-in itself holds them, past all code of Tenure. */

type Assignment = {
  principal_type: string;
  principal_id: string;
  role_id: string;
  scope_id: string;
  policy_parameters: Record<string, string>;
};

type CloudinaryUser = {
  id: string;
  name: string;
  email: string;
  role: string;
  pending: boolean;
  enabled: boolean;
  root: boolean;
  sub_account_ids: string[];
};

/** `GET /state` of the Cloudinary stand-in, as far as it is looked at. */
export type CloudinaryState = {
  account: { seats: number; emails_elsewhere: string[] };
  users: Record<string, CloudinaryUser>;
  groups: Record<string, { id: string; name: string; users: string[] }>;
  environments: Record<string, { id: string; cloud_name: string }>;
  keys: Record<string, { name: string; api_key: string; enabled: boolean; root: boolean; env: string }>;
  assignments: Record<string, Assignment>;
  folders: Record<string, { external_id: string; path: string; env: string }>;
  rates: Record<string, { window: string; used: number }>;
  collections: Record<string, { id: string; name: string; env: string }>;
  /** E-mail → folders that the person can see, and why. */
  access: Record<string, { folder: string; environment: string }[]>;
};

/** A user as Cloudinary itself holds it: names, sorted. */
export type SeenUser = {
  id: string;
  email: string;
  name: string;
  role: string;
  enabled: boolean;
  pending: boolean;
  groups: string[];
  /** Cloud names; `*` where every environment is meant. */
  environments: string[];
  /** Roles of their own as `<role>@<cloud>[/<folder or collection>]`. */
  roles: string[];
};

/** Users with that e-mail, case aside. */
export function seenUsers(state: CloudinaryState, email: string): SeenUser[] {
  const cloud = (id: string): string => state.environments[id]?.cloud_name ?? id;
  return Object.values(state.users)
    .filter((user) => user.email.toLowerCase() === email.toLowerCase())
    .map(({ id, email: address, name, role, enabled, pending, sub_account_ids }) => ({
      id,
      email: address,
      name,
      role,
      enabled,
      pending,
      groups: Object.values(state.groups)
        .filter((group) => group.users.includes(id))
        .map((group) => group.name)
        .sort(),
      environments: sub_account_ids.length === 0 ? ['*'] : sub_account_ids.map(cloud).sort(),
      roles: Object.values(state.assignments)
        .filter((one) => one.principal_type === 'user' && one.principal_id === id)
        .map((one) => {
          const { folder_id, collection_id } = one.policy_parameters;
          const place = (folder_id !== undefined && state.folders[folder_id]?.path) || folder_id || collection_id;
          return `${one.role_id.replace('cld::role::', '')}@${cloud(one.scope_id)}${place === undefined ? '' : `/${place}`}`;
        })
        .sort(),
    }));
}
