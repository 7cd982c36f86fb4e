import type { Actual } from '../../domain/change.ts';
import type { CallContext } from '../port.ts';
import type { CloudinaryClient } from './client.ts';
import { path } from './plane.ts';
import { userReply, usersReply, type User } from './replies.ts';

/** Newcomers come last. */
export const byCreation = { sort_by: 'created_at', sort_order: 'asc' };

/** The user as Cloudinary has it now; undefined once it is deleted. */
export async function userById(client: CloudinaryClient, userId: string, call: CallContext): Promise<User | undefined> {
  return await client.account.lookUp(client.v1(path`/users/${userId}`), userReply, call);
}

/**
 * Users with exactly that e-mail, case aside. Asked twice over, by the exact filter and by the prefix search (which ignores case): whether the
 * filter minds case is not known.
 */
export async function usersByEmail(client: CloudinaryClient, email: string, call: CallContext): Promise<User[]> {
  const wanted = email.trim().toLowerCase();
  if (wanted === '') return [];
  const [exact, searched] = await Promise.all([
    client.account.get(client.v1('/users'), usersReply, call, { emails: wanted, ...byCreation }),
    client.account.get(client.v1('/users'), usersReply, call, { prefix: wanted, ...byCreation }),
  ]);
  const found = new Map([...exact.users, ...searched.users].map((user) => [user.id, user]));
  return [...found.values()].filter((user) => user.email?.trim().toLowerCase() === wanted);
}

/** Only `enabled: false` is closed; who has not followed the invitation yet holds a seat and counts as there. */
export function accountState(user: User): Actual['account'] {
  return user.enabled === false ? 'disabled' : 'present';
}
