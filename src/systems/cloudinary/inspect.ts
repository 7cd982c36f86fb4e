import type { CallContext } from '../port.ts';
import type { Cloudinary } from './context.ts';
import { cloudinaryError } from './errors.ts';
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
    roles: scopes.flatMap((rows) => rows.get(nameOf(principal)) ?? []),
  }));
}

async function inspectScope(
  { client }: Cloudinary,
  scope: 'account' | 'prodenv',
  principals: readonly Principal[],
  call: CallContext,
): Promise<Map<string, HeldRole[]>> {
  const found = new Map<string, HeldRole[]>();
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const json = { scope_type: scope, principals, ...(cursor !== undefined && { cursor }) };
    const at = client.v2('/principal_roles/inspect');
    const page = await client.account.ask({ method: 'POST', at, json }, inspectReply, call);
    // A group that was deleted since we looked.
    if (!page) throw cloudinaryError('CLOUDINARY_CONFLICT', { status: 404, about: 'the roles of the user' });
    for (const { type, id, roles } of page.data.principals) {
      const name = nameOf({ type, id });
      found.set(name, [...(found.get(name) ?? []), ...(roles ?? [])]);
    }
    cursor = page.next_cursor ?? page.data.next_cursor ?? undefined;
    // A cursor that comes back would go on for ever.
    if (cursor !== undefined && seen.has(cursor)) throw cloudinaryError('CLOUDINARY_BAD_REPLY');
    if (cursor !== undefined) seen.add(cursor);
  } while (cursor !== undefined);
  return found;
}

const nameOf = ({ type, id }: { type: string; id: string }): string => `${type}|${id}`;
