import type { Actual } from '../../domain/change.ts';
import type { CallContext } from '../port.ts';
import { path, type IconikClient } from './client.ts';
import { userReply, type User } from './replies.ts';

const users = '/API/users/v1/users/';

/** The user as iconik has it now, teams and role groups included; undefined once it is deleted. */
export async function userById(client: IconikClient, userId: string, call: CallContext): Promise<User | undefined> {
  const user = await client.lookUp(path`/API/users/v1/users/${userId}/`, userReply, call);
  return user?.status === 'DELETED' ? undefined : user;
}

/**
 * Users with exactly that e-mail, case aside, deleted ones left out. Asked twice over, by the exact filter and by the wildcard search: whether the
 * filter minds case is not known.
 */
export async function usersByEmail(client: IconikClient, email: string, call: CallContext): Promise<User[]> {
  const wanted = email.trim().toLowerCase();
  if (wanted === '') return [];
  const order = { sort: 'date_created,asc' };
  const [exact, searched] = await Promise.all([
    client.all(users, userReply, call, { email: wanted, ...order }),
    client.all(users, userReply, call, { query: wanted, ...order }),
  ]);
  const found = new Map([...exact, ...searched].map((user) => [user.id, user]));
  return [...found.values()].filter((user) => user.status !== 'DELETED' && user.email?.trim().toLowerCase() === wanted);
}

/** INACTIVE and BLOCKED are closed, DELETED is gone; a status that nobody knows yet counts as open, so that it is looked at. */
export function accountState(user: User): Actual['account'] {
  if (user.status === 'DELETED') return 'absent';
  return user.status === 'INACTIVE' || user.status === 'BLOCKED' ? 'disabled' : 'present';
}
