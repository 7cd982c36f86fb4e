import { z } from 'zod';

/** What Design's objects must have for Tenure (contract section 4.2); everything else passes. */
const groupRole = z.looseObject({
  group: z.string().min(1),
  roleName: z.string().min(1),
  roleId: z.string().nullish(),
  domain: z.looseObject({ id: z.string().min(1) }),
});
export type GroupRole = z.infer<typeof groupRole>;

const rolePermissions = z.looseObject({
  roleName: z.string(),
  objectType: z.string(),
  /** Opaque: compared as a whole, never taken apart. */
  permissions: z.string().nullish(),
});
export type RolePermissions = z.infer<typeof rolePermissions>;

const list = <T>(shape: z.ZodType<T>) => z.looseObject({ data: z.array(shape) });
const page = <T>(shape: z.ZodType<T>) =>
  z.looseObject({ data: z.array(shape), page: z.looseObject({ totalElements: z.number() }) });

export const groupRoleList = list(groupRole);
export const rolePermissionsList = list(rolePermissions);
export const rolePage = page(z.looseObject({ id: z.string().min(1), name: z.string().min(1) }));
export const domainPage = page(z.looseObject({ id: z.string().min(1) }));
export const versionReply = z.looseObject({ versionString: z.string().nullish() });
export const currentUserReply = z.looseObject({
  data: z.looseObject({ name: z.string(), isTenantAdmin: z.boolean().nullish() }),
});
export const tokenReply = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().nullish() });

/** Groups of OTDS do not tell upper from lower case. */
export function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
