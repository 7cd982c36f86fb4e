import type { Actual } from '../../domain/change.ts';
import type { CallContext, Page } from '../port.ts';
import type { CloudinaryClient } from './client.ts';
import { path } from './plane.ts';
import { userReply, usersReply, type User } from './replies.ts';

const order = { sort_by: 'created_at', sort_order: 'asc' };

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
    client.account.get(client.v1('/users'), usersReply, call, { emails: wanted, ...order }),
    client.account.get(client.v1('/users'), usersReply, call, { prefix: wanted, ...order }),
  ]);
  const found = new Map([...exact.users, ...searched.users].map((user) => [user.id, user]));
  return [...found.values()].filter((user) => user.email?.trim().toLowerCase() === wanted);
}

/**
 * One page of all users, in order of creation so that newcomers come last. There is no total and no cursor, and the largest page is not known: what
 * the first page really brings is taken for the size, and only a page that is shorter than that, or empty, is the last.
 */
export async function listUsers(
  client: CloudinaryClient,
  page: string | undefined,
  call: CallContext,
): Promise<Page<{ nativeId: string; label: string; account: Actual['account'] }>> {
  client.account.requireRoomForScan();
  const { usersPerPage } = client.choices;
  const [number = 1, size = usersPerPage] = (page ?? '').split('/').filter(Boolean).map(Number);
  const { users } = await client.account.get(client.v1('/users'), usersReply, call, {
    page: number,
    page_size: usersPerPage,
    ...order,
  });
  const items = users.map((user) => ({
    nativeId: user.id,
    label: user.email?.toLowerCase() ?? user.id,
    account: accountState(user),
  }));
  const full = number === 1 ? users.length : size;
  const last = users.length === 0 || users.length < full;
  return { items, ...(!last && { next: `${number + 1}/${full}` }) };
}

/** Only `enabled: false` is closed; who has not followed the invitation yet holds a seat and counts as there. */
export function accountState(user: User): Actual['account'] {
  return user.enabled === false ? 'disabled' : 'present';
}
