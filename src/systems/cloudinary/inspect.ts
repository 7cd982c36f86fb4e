import type { CallContext } from '../port.ts';
import type { Cloudinary } from './context.ts';
import { cloudinaryError } from './errors.ts';
import { cursorPages } from './paging.ts';
import { inspectReply, type HeldRole } from './replies.ts';

/** Somebody or something that roles are given to. */
export type Principal = { type: 'user' | 'group'; id: string };

/**
 * Every role that these principals hold themselves, of the account and of all environments, by `principal_roles/inspect`: not the call that writes
 * roles, nor the one by which a write looks before it leaps. Without filters it brings content roles on every folder and collection.
 */
export async function inspect(
  cloudinary: Cloudinary,
  principals: readonly Principal[],
  call: CallContext,
): Promise<{ principal: Principal; roles: readonly HeldRole[] }[]> {
  const scopes = await Promise.all(
    (['account', 'prodenv'] as const).map(async (scope) => await inspectScope(cloudinary, scope, principals, call)),
  );
  return principals.map((principal) => ({
    principal,
    roles: scopes.flatMap((rows) => rows.get(principalName(principal)) ?? []),
  }));
}

/** The same for everybody: roles by `<type>|<id>` of whoever holds any, in pages of Cloudinary's own size. */
export async function inspectEverybody(
  cloudinary: Cloudinary,
  call: CallContext,
): Promise<ReadonlyMap<string, readonly HeldRole[]>> {
  const scopes = await Promise.all(
    (['account', 'prodenv'] as const).map(async (scope) => await inspectScope(cloudinary, scope, undefined, call)),
  );
  const all = new Map<string, HeldRole[]>();
  for (const rows of scopes) for (const [name, roles] of rows) all.set(name, [...(all.get(name) ?? []), ...roles]);
  return all;
}

async function inspectScope(
  { client }: Cloudinary,
  scope: 'account' | 'prodenv',
  principals: readonly Principal[] | undefined,
  call: CallContext,
): Promise<Map<string, HeldRole[]>> {
  const found = new Map<string, HeldRole[]>();
  const at = client.v2('/principal_roles/inspect');
  const pages = cursorPages(async (cursor) => {
    const query = { scope_type: scope, ...(cursor !== undefined && { cursor }) };
    if (!principals) return await client.account.get(at, inspectReply, call, query);
    const json = { ...query, principals };
    return await client.account.ask({ method: 'POST', at, json }, inspectReply, call);
  });
  for await (const page of pages) {
    // A group that was deleted since we looked.
    if (!page) throw cloudinaryError('CLOUDINARY_CONFLICT', { status: 404, about: 'the roles of the user' });
    for (const { type, id, roles } of page.data.principals) {
      const name = principalName({ type, id });
      found.set(name, [...(found.get(name) ?? []), ...(roles ?? [])]);
    }
  }
  return found;
}

/** `user|<id>`, as `inspectEverybody` keys its rows. */
export function principalName({ type, id }: { type: string; id: string }): string {
  return `${type}|${id}`;
}
