import * as z from 'zod';

// Any optional field may be null, and unknown fields and enum values are kept: contract sections 3 and 14.
const text = z.string().nullish();
const id = z.string().min(1);
/** Ids alone, or objects with one: both are seen for `teams` and `role_groups` of a user. */
const idList = z.array(z.union([id, z.looseObject({ id }).transform((item) => item.id)])).nullish();

export const userReply = z.looseObject({
  id,
  email: text,
  first_name: text,
  last_name: text,
  type: text,
  status: text,
  is_admin: z.boolean().nullish(),
  primary_group: text,
  groups: idList,
  teams: idList,
  role_groups: idList,
});
export type User = z.infer<typeof userReply>;

export const currentUserReply = z.looseObject({
  id,
  is_admin: z.boolean().nullish(),
  has_domain_been_migrated_to_simplified_acls: z.boolean().nullish(),
});

export const rolesReply = z.looseObject({ objects: z.array(z.string()).nullish() });

export const groupReply = z.looseObject({
  id,
  name: z.string(),
  roles: z.array(z.string()).nullish(),
  is_saml_group: z.boolean().nullish(),
  is_legacy_everyone: z.boolean().nullish(),
});
export type Group = z.infer<typeof groupReply>;

export const collectionReply = z.looseObject({
  id,
  title: z.string(),
  parent_id: text,
  in_collections: z.array(z.string()).nullish(),
  status: text,
  created_by_user: text,
});
export type Collection = z.infer<typeof collectionReply>;

const rows = z
  .array(
    z.looseObject({
      user_id: text,
      group_id: text,
      permissions: z.array(z.string()).nullish(),
      object_key: text,
      object_type: text,
    }),
  )
  .nullish();

/** The six lists of an object's ACL. */
export const aclReply = z.looseObject({
  users_acl: rows,
  groups_acl: rows,
  propagating_users_acl: rows,
  propagating_groups_acl: rows,
  inherited_users_acl: rows,
  inherited_groups_acl: rows,
});
export type Acl = z.infer<typeof aclReply>;
export type AclList = keyof typeof aclReply.shape;

export const appReply = z.looseObject({ id, default_user_id: text });

export const shareReply = z.looseObject({ id, object_id: text, object_type: text, owner_id: text });
