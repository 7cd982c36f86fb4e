import { z } from 'zod';

/** What OTDS's objects must have for Tenure; everything else passes through untouched (a PUT sends whole objects back). */
const value = z.looseObject({ name: z.string(), values: z.array(z.unknown()).nullish() });

const named = { name: z.string().min(1), userPartitionID: z.string().min(1) };

/** A user or a group: both have the same frame. `uuid` is the key, `location` a DN that is never parsed. */
export const otdsObject = z.looseObject({
  ...named,
  uuid: z.string().min(1),
  originUUID: z.string().nullish(),
  id: z.string(),
  location: z.string(),
  values: z.array(value).nullish(),
});
export type OtdsObject = z.infer<typeof otdsObject>;

export const otdsRole = z.looseObject({ ...named, location: z.string().min(1) });
export type OtdsRole = z.infer<typeof otdsRole>;

const member = z.looseObject({
  name: z.string().nullish(),
  displayName: z.string().nullish(),
  userPartition: z.string().nullish(),
  location: z.string().nullish(),
});
export type AccessRoleMember = z.infer<typeof member>;

const members = z.array(member).nullish();
export const accessRole = z.looseObject({
  name: z.string().min(1),
  accessRoleMembers: z.looseObject({
    userPartitions: members,
    organizationalUnits: members,
    groups: members,
    users: members,
    roles: members,
  }),
});
export type AccessRole = z.infer<typeof accessRole>;

export const currentUser = z.looseObject({ isAdmin: z.boolean().nullish(), isSysAdmin: z.boolean().nullish() });

export const openApi = z.looseObject({
  info: z.looseObject({ version: z.string().nullish() }).nullish(),
  paths: z.record(z.string(), z.unknown()),
});

/** `name@partition`, the only form in which people and groups are named. */
export function keyOf(object: { name: string; userPartitionID: string }): string {
  return `${object.name}@${object.userPartitionID}`;
}

/** Splits at the last `@`: names may hold one, partitions not. */
export function splitKey(key: string): { name: string; partition: string } | undefined {
  const mark = key.lastIndexOf('@');
  return mark > 0 && mark < key.length - 1 ? { name: key.slice(0, mark), partition: key.slice(mark + 1) } : undefined;
}

/** How an object is named in an address: `name@partition`, or its DN where proxies would stumble over the name (contracts/otds.md 14). */
export function refOf(object: OtdsObject): string {
  return /[/\\]/.test(object.name) && object.location !== '' ? object.location : keyOf(object);
}

export function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
