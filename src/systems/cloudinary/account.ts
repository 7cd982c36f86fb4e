import type { Person } from '../../domain/person.ts';
import type { Applied, CallContext } from '../port.ts';
import { asApplied } from '../written.ts';
import type { Cloudinary } from './context.ts';
import { confinedTo, enteredBy } from './environments.ts';
import { cloudinaryError } from './errors.ts';
import { userById, usersByEmail } from './find.ts';
import { path, shapedAs, type Written } from './plane.ts';
import { userReply, type User } from './replies.ts';

type Profile = Readonly<Record<string, string>>;
type Refused = Extract<Written, { outcome: 'refused' }>;

/** Attributes of an account that Tenure writes. */
export const profileAttributes = ['email', 'name', 'role'] as const;

const done: Applied = { outcome: 'done' };

/** What `read` reports: e-mail in lower case, because Cloudinary compares it so; attributes without a value are left out. */
export function profileOf(user: User): Record<string, string> {
  const entries = profileAttributes.map((name): [string, string | null | undefined] => [
    name,
    name === 'email' ? user.email?.toLowerCase() : user[name],
  ]);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/**
 * Invites the user, or finds the one of our account that has the e-mail already (also after an unclear outcome): Cloudinary knows no idempotency key.
 * A new user enters the fallback environment alone until another one is granted. Throws CLOUDINARY_INCOMPLETE, CLOUDINARY_SEAT_LIMIT,
 * CLOUDINARY_EMAIL_ELSEWHERE, CLOUDINARY_AMBIGUOUS_ACCOUNT.
 */
export async function createAccount(
  cloudinary: Cloudinary,
  person: Person,
  profile: Profile,
  call: CallContext,
): Promise<Applied> {
  const fields = writable(profile);
  const email = fields['email'];
  if (!email || !fields['name'])
    throw cloudinaryError('CLOUDINARY_INCOMPLETE', { about: email ? 'a name' : 'an e-mail' });
  const existing = await onlyUserOf(cloudinary, person, email, call);
  if (existing) return { outcome: 'done', nativeId: existing.id };
  const { client } = cloudinary;
  const json = { ...fields, enabled: true, ...(await confinedTo(cloudinary, [], call)) };
  const written = await client.account.write(
    { method: 'POST', at: client.v1('/users'), json, about: person.who },
    call,
  );
  if (written.outcome === 'unknown') return { outcome: 'unknown', code: written.code };
  if (written.outcome === 'done') return created(written.body);
  const other = isTaken(cloudinary, written) ? await onlyUserOf(cloudinary, person, email, call) : undefined;
  if (other) return { outcome: 'done', nativeId: other.id };
  throw refusal(cloudinary, written, person);
}

/**
 * Opens the account and writes what differs in its profile. One that would come back into every environment is confined to the fallback environment
 * in the same call; the next read shows what is missing then. Throws CLOUDINARY_ACCOUNT_GONE.
 */
export async function enableAccount(
  cloudinary: Cloudinary,
  person: Person,
  userId: string,
  profile: Profile,
  call: CallContext,
): Promise<Applied> {
  const user = await needed(cloudinary, userId, call);
  const entered = user.enabled === false ? await enteredBy(cloudinary, user, call) : undefined;
  const confined = entered?.every && !entered.fixed ? await confinedTo(cloudinary, [], call) : {};
  const open = user.enabled === true ? {} : { enabled: true, ...confined };
  return await change(cloudinary, person, user, { ...differing(user, profile), ...open }, call);
}

/** Writes what differs in the profile. Throws CLOUDINARY_ACCOUNT_GONE, CLOUDINARY_EMAIL_ELSEWHERE. */
export async function updateAccount(
  cloudinary: Cloudinary,
  person: Person,
  userId: string,
  profile: Profile,
  call: CallContext,
): Promise<Applied> {
  const user = await needed(cloudinary, userId, call);
  return await change(cloudinary, person, user, differing(user, profile), call);
}

/** Closes the account by `enabled: false`: no way in remains but what was open already. Gone is closed enough. Throws CLOUDINARY_PROTECTED_USER. */
export async function disableAccount(
  cloudinary: Cloudinary,
  person: Person,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  const user = await userById(cloudinary.client, userId, call);
  if (!user || user.enabled === false) return done;
  if (user.root === true) throw cloudinaryError('CLOUDINARY_PROTECTED_USER');
  return await change(cloudinary, person, user, { enabled: false }, call);
}

/** Deletes the user with id, roles and link to their history; Cloudinary cannot undo it. Gone already is success. */
export async function deleteAccount(
  cloudinary: Cloudinary,
  person: Person,
  userId: string,
  call: CallContext,
): Promise<Applied> {
  const { client } = cloudinary;
  const user = await userById(client, userId, call);
  if (!user) return done;
  if (user.root === true) throw cloudinaryError('CLOUDINARY_PROTECTED_USER');
  const at = client.v1(path`/users/${userId}`);
  const written = await client.account.write({ method: 'DELETE', at, about: `deleting ${person.who}` }, call);
  if (written.outcome === 'refused' && written.status === 404) return done;
  return settled(cloudinary, written, person, user);
}

async function change(
  cloudinary: Cloudinary,
  person: Person,
  user: User,
  json: Readonly<Record<string, unknown>>,
  call: CallContext,
): Promise<Applied> {
  if (Object.keys(json).length === 0) return done;
  const { client } = cloudinary;
  const at = client.v1(path`/users/${user.id}`);
  const about = `the change of ${person.who}`;
  return settled(cloudinary, await client.account.write({ method: 'PUT', at, json, about }, call), person, user);
}

function settled(cloudinary: Cloudinary, written: Written, person: Person, user: User): Applied {
  if (written.outcome !== 'refused') return asApplied(written);
  if (written.status === 404) throw cloudinaryError('CLOUDINARY_ACCOUNT_GONE', { status: 404 });
  // Which status refuses root and the last master admin is not known; nobody else is refused this way.
  if (written.status === 403 && written.hint === undefined && user.role === 'master_admin')
    throw cloudinaryError('CLOUDINARY_PROTECTED_USER', { status: 403 });
  throw refusal(cloudinary, written, person);
}

/** What a refused create or update means: by status, and by the two texts that are known (contract section 4.1). */
function refusal(cloudinary: Cloudinary, written: Refused, person: Person): Error {
  const { status } = written;
  if (written.hint === 'seat') return cloudinaryError('CLOUDINARY_SEAT_LIMIT', { status, about: person.who });
  if (isTaken(cloudinary, written)) return cloudinaryError('CLOUDINARY_EMAIL_ELSEWHERE', { status, about: person.who });
  return written.error;
}

function isTaken({ client }: Cloudinary, { status, hint }: Refused): boolean {
  return client.choices.emailTakenStatuses.includes(status) && (status === 409 || hint === 'taken');
}

function differing(user: User, profile: Profile): Record<string, string> {
  const now: Profile = profileOf(user);
  return Object.fromEntries(Object.entries(writable(profile)).filter(([name, value]) => now[name] !== value));
}

function writable(profile: Profile): Record<string, string> {
  const known: readonly string[] = profileAttributes;
  const unknown = Object.keys(profile).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw cloudinaryError('CLOUDINARY_UNKNOWN_ATTRIBUTE', { about: unknown.sort().join(', ') });
  return Object.fromEntries(
    Object.entries(profile).map(([name, value]) => [name, name === 'email' ? value.trim().toLowerCase() : value]),
  );
}

async function onlyUserOf(
  cloudinary: Cloudinary,
  person: Person,
  email: string,
  call: CallContext,
): Promise<User | undefined> {
  const found = await usersByEmail(cloudinary.client, email, call);
  if (found.length > 1) throw cloudinaryError('CLOUDINARY_AMBIGUOUS_ACCOUNT', { about: person.who });
  return found[0];
}

async function needed(cloudinary: Cloudinary, userId: string, call: CallContext): Promise<User> {
  const user = await userById(cloudinary.client, userId, call);
  if (!user) throw cloudinaryError('CLOUDINARY_ACCOUNT_GONE');
  return user;
}

/** A success whose body names no user is as good as no reply. */
function created(body: unknown): Applied {
  try {
    return { outcome: 'done', nativeId: shapedAs(body, userReply).id };
  } catch {
    return { outcome: 'unknown', code: 'CLOUDINARY_BAD_REPLY' };
  }
}
