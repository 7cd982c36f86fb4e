import type { SystemError } from '../errors.ts';
import type { Applied, CallContext } from '../port.ts';
import { asApplied } from '../written.ts';
import { path, shapedAs, type Written } from './client.ts';
import type { Iconik } from './context.ts';
import { iconikError } from './errors.ts';
import { userById, usersByEmail } from './find.ts';
import { userReply, type User } from './replies.ts';

type Profile = Readonly<Record<string, string>>;

/** Attributes of an account that Tenure writes. */
export const profileAttributes = ['email', 'first_name', 'last_name', 'type'] as const;

const done: Applied = { outcome: 'done' };
const users = '/API/users/v1/users/';

/** What `read` reports: e-mail in lower case, because iconik compares it so; attributes without a value are left out. */
export function profileOf(user: User): Record<string, string> {
  const entries = profileAttributes.map((name): [string, string | null | undefined] => [
    name,
    name === 'email' ? user.email?.toLowerCase() : user[name],
  ]);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/**
 * Makes the user, or finds the one that has the e-mail already (also after an unclear outcome): iconik knows no idempotency key. It has no primary
 * team until the first team is granted, so that nobody is in a team that is not due. Throws ICONIK_INCOMPLETE, ICONIK_EMAIL_TAKEN, ICONIK_AMBIGUOUS_ACCOUNT.
 */
export async function createAccount(iconik: Iconik, profile: Profile, call: CallContext): Promise<Applied> {
  const fields = writable(profile);
  const email = fields['email'];
  if (!email || !fields['type']) throw iconikError('ICONIK_INCOMPLETE', { about: email ? 'a type' : 'an e-mail' });
  const existing = await onlyUserOf(iconik, email, call);
  if (existing) return { outcome: 'done', nativeId: existing.id };
  const json = { first_name: '', ...fields };
  const written = await iconik.client.write({ method: 'POST', at: users, json, about: 'the new user' }, call);
  if (written.outcome === 'unknown') return { outcome: 'unknown', code: written.code };
  if (written.outcome === 'done') return created(written.body);
  const taken = iconik.client.choices.emailTakenStatuses.includes(written.status);
  const other = taken ? await onlyUserOf(iconik, email, call) : undefined;
  if (other) return { outcome: 'done', nativeId: other.id };
  throw emailTaken(iconik, written) ?? written.error;
}

/** Opens the account (ACTIVE) and writes what differs in its profile; nothing where it is so already. Throws ICONIK_ACCOUNT_GONE. */
export async function enableAccount(
  iconik: Iconik,
  userId: string,
  profile: Profile,
  call: CallContext,
): Promise<Applied> {
  return await change(iconik, userId, { status: 'ACTIVE', ...writable(profile) }, call);
}

/** Writes what differs in the profile. Throws ICONIK_ACCOUNT_GONE, ICONIK_EMAIL_TAKEN. */
export async function updateAccount(
  iconik: Iconik,
  userId: string,
  profile: Profile,
  call: CallContext,
): Promise<Applied> {
  return await change(iconik, userId, writable(profile), call);
}

/** Closes the account: INACTIVE, or BLOCKED when urgent. One that is blocked stays so; one that is gone is closed enough. */
export async function disableAccount(
  iconik: Iconik,
  userId: string,
  urgent: boolean,
  call: CallContext,
): Promise<Applied> {
  await refuseOwn(iconik, userId, call);
  const user = await userById(iconik.client, userId, call);
  if (!user || user.status === 'BLOCKED' || (user.status === 'INACTIVE' && !urgent)) return done;
  return asApplied(
    await patchUser(iconik, user, { status: urgent ? 'BLOCKED' : 'INACTIVE' }, 'closing the user', call),
  );
}

/** Deletes the user, which iconik cannot undo and which anonymises their comments. Gone already is success. */
export async function deleteAccount(iconik: Iconik, userId: string, call: CallContext): Promise<Applied> {
  await refuseOwn(iconik, userId, call);
  const written = await iconik.client.write(
    { method: 'DELETE', at: path`/API/users/v1/users/${userId}/`, about: 'deleting the user' },
    call,
  );
  return written.outcome === 'refused' && written.status === 404 ? done : asApplied(written);
}

/** PATCH of a user. `type` and `first_name` always go along: iconik's specification calls them required in every PATCH. */
export async function patchUser(
  iconik: Iconik,
  user: User,
  fields: Readonly<Record<string, string>>,
  about: string,
  call: CallContext,
): Promise<Written> {
  const json = { first_name: user.first_name ?? '', ...(user.type && { type: user.type }), ...fields };
  return await iconik.client.write({ method: 'PATCH', at: path`/API/users/v1/users/${user.id}/`, json, about }, call);
}

async function change(
  iconik: Iconik,
  userId: string,
  fields: Readonly<Record<string, string>>,
  call: CallContext,
): Promise<Applied> {
  const user = await userById(iconik.client, userId, call);
  if (!user) throw iconikError('ICONIK_ACCOUNT_GONE');
  const now: Readonly<Record<string, string>> = { ...profileOf(user), ...(user.status && { status: user.status }) };
  if (Object.entries(fields).every(([name, value]) => now[name] === value)) return done;
  const written = await patchUser(iconik, user, fields, 'the change of the user', call);
  if (written.outcome === 'refused')
    throw (fields['email'] !== undefined && emailTaken(iconik, written)) || written.error;
  return asApplied(written);
}

function writable(profile: Profile): Record<string, string> {
  const known: readonly string[] = profileAttributes;
  const unknown = Object.keys(profile).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw iconikError('ICONIK_UNKNOWN_ATTRIBUTE', { about: unknown.sort().join(', ') });
  return Object.fromEntries(
    Object.entries(profile).map(([name, value]) => [name, name === 'email' ? value.trim().toLowerCase() : value]),
  );
}

async function onlyUserOf(iconik: Iconik, email: string, call: CallContext): Promise<User | undefined> {
  const found = await usersByEmail(iconik.client, email, call);
  if (found.length > 1) throw iconikError('ICONIK_AMBIGUOUS_ACCOUNT');
  return found[0];
}

/** A success whose body names no user is as good as no reply. */
function created(body: unknown): Applied {
  try {
    return { outcome: 'done', nativeId: shapedAs(body, userReply).id };
  } catch {
    return { outcome: 'unknown', code: 'ICONIK_BAD_REPLY' };
  }
}

function emailTaken(iconik: Iconik, refused: Extract<Written, { outcome: 'refused' }>): SystemError | undefined {
  const { status, fields } = refused;
  const taken =
    iconik.client.choices.emailTakenStatuses.includes(status) && (fields.includes('email') || status === 409);
  return taken ? iconikError('ICONIK_EMAIL_TAKEN', { status }) : undefined;
}

async function refuseOwn(iconik: Iconik, userId: string, call: CallContext): Promise<void> {
  if ((await iconik.model.ownUserId(call)) === userId) throw iconikError('ICONIK_OWN_ACCOUNT');
}
