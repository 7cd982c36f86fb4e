import * as z from 'zod';

// Fields may be null or missing (contract section 4.1); what is not named here is dropped, secrets of keys and environments first of all.
const text = z.string().nullish();
const flag = z.boolean().nullish();
const id = z.string().min(1);

export const userReply = z.object({
  id,
  name: text,
  email: text,
  role: text,
  enabled: flag,
  pending: flag,
  root: flag,
  all_sub_accounts: flag,
  sub_account_ids: z.array(id).nullish(),
});
export type User = z.infer<typeof userReply>;

export const usersReply = z.object({ users: z.array(userReply) });

export const groupReply = z.object({ id, name: z.string() });
export type Group = z.infer<typeof groupReply>;
export const groupsReply = z.object({ user_groups: z.array(groupReply) });
export const memberGroupsReply = z.object({
  user_groups: z.array(groupReply.extend({ users: z.array(z.object({ id })).nullish() })),
});
export const userGroupsReply = z.object({ groups: z.array(groupReply) });

export const environmentReply = z.object({ id, cloud_name: z.string(), enabled: flag });
export type Environment = z.infer<typeof environmentReply>;
export const environmentsReply = z.object({ sub_accounts: z.array(environmentReply) });

export const keyReply = z.object({ name: text, api_key: id, enabled: flag, root: flag });
export type AccessKey = z.infer<typeof keyReply>;
export const keysReply = z.object({ access_keys: z.array(keyReply) });

/** A role as lists show it: parameters by name. */
export const roleReply = z.object({
  id,
  permission_type: text,
  scope_type: text,
  policy_parameters: z.array(z.string()).nullish(),
});
export type Role = z.infer<typeof roleReply>;
export const rolesReply = z.object({ data: z.array(roleReply) });

export const roleDetailReply = z.object({ data: z.object({ policies: z.array(z.object({ id })).nullish() }) });

/** A role that somebody holds, with the value of the parameter that says what it is for; a global role has none. */
export const heldRoleReply = z
  .object({
    id,
    permission_type: text,
    scope_type: text,
    scope_id: text,
    policy_parameters: z.record(z.string(), z.unknown()).nullish(),
  })
  .transform(({ policy_parameters, permission_type, ...role }) => ({
    ...role,
    parameters: permission_type === 'global' ? {} : parametersOf(policy_parameters ?? {}),
  }));
export type HeldRole = z.infer<typeof heldRoleReply>;

/** `folder_id` or `collection_id`; where neither is there, whatever texts are. */
function parametersOf(all: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const texts = Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const known = texts.find(([name]) => name === 'folder_id' || name === 'collection_id');
  return Object.fromEntries(known ? [known] : texts);
}
export const heldRolesReply = z.object({ data: z.array(heldRoleReply) });

/** The cursor stands beside `data`, in one example inside it (contract section 3). */
export const inspectReply = z.object({
  data: z.object({
    principals: z.array(z.object({ type: z.string(), id, roles: z.array(heldRoleReply).nullish() })),
    next_cursor: text,
  }),
  next_cursor: text,
});

export const folderReply = z.object({ path: z.string().min(1), external_id: id });
export type Folder = z.infer<typeof folderReply>;
export const foldersReply = z.object({ folders: z.array(folderReply), next_cursor: text });
