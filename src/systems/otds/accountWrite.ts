import type { AccountRef, Applied } from '../port.ts';
import { asApplied } from '../written.ts';
import { flag } from './attributes.ts';
import type { OtdsClient } from './client.ts';
import { otdsError } from './errors.ts';
import { accountOf, byUuid } from './locate.ts';
import { SCIM_PATHS } from './scim.ts';
import { keyOf } from './shapes.ts';
import type { OtdsObject } from './shapes.ts';
import { freeAttributes } from './targetRead.ts';
import { afterwards, DONE } from './written.ts';

/** Only by SCIM, and only people of another directory: in OTDS's own, a person without an account is nobody. */
export async function createAccount(
  client: OtdsClient,
  account: AccountRef,
  profile: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Applied> {
  const { person } = account;
  if (client.ownPeople || !client.scim?.serves(person.partition))
    throw otdsError('OTDS_NO_CREATION', { about: person.who });
  const there = await accountOf(client, account, signal);
  if (there) return { ...DONE, nativeId: there.uuid };
  const [byScim, byRest] = split(writable(client, profile));
  const written = await client.scim.createUser(person, byScim, signal);
  if (written.outcome === 'unknown') return asApplied(written);
  // Somebody else may have made it meanwhile; what SCIM answers as its id need not be the uuid.
  const made = await afterwards(() => accountOf(client, { person }, signal));
  if (!made) return written.outcome === 'done' ? { outcome: 'unknown', code: 'OTDS_UNEXPECTED' } : asApplied(written);
  // Whether this took is for the next read to say: an account is there already.
  if (Object.keys(byRest).length > 0) await client.patchUser(made, byRest, signal);
  return { ...DONE, nativeId: made.uuid };
}

/** What SCIM can write, and what it cannot. */
function split(values: Readonly<Record<string, string>>): [Record<string, string>, Record<string, string>] {
  const isScim = ([name]: readonly [string, string]) => name === 'accountDisabled' || name in SCIM_PATHS;
  const entries = Object.entries(values);
  return [Object.fromEntries(entries.filter(isScim)), Object.fromEntries(entries.filter((one) => !isScim(one)))];
}

/** Only what nothing is read from: a policy must not write what it reads, nor a password. */
export function writable(
  client: OtdsClient,
  profile: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const free = freeAttributes(client);
  const other = Object.keys(profile).find((name) => !free.includes(name));
  if (other !== undefined) throw otdsError('OTDS_UNSUPPORTED', { about: `attribute ${other}` });
  return profile;
}

/** By SCIM what it can write, where it serves the partition; the rest, or all, by REST. */
export async function writeValues(
  client: OtdsClient,
  user: OtdsObject,
  values: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Applied> {
  if (!client.scim?.serves(user.userPartitionID)) return writeByRest(client, user, values, signal);
  const [byScim, byRest] = split(values);
  if (Object.keys(byScim).length > 0) {
    const written = await client.scim.patchUser(user, byScim, keyOf(user), signal);
    if (written.outcome !== 'done') return asApplied(written);
  }
  return Object.keys(byRest).length > 0 ? writeByRest(client, user, byRest, signal) : DONE;
}

/** PATCH of the named values; where that is refused as such (404, 405 although the user is there): the whole object by PUT, then looked at. */
async function writeByRest(
  client: OtdsClient,
  user: OtdsObject,
  values: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Applied> {
  const patched = await client.patchUser(user, values, signal);
  if (patched.outcome !== 'refused' || !patched.missing) return asApplied(patched);
  const fresh = await byUuid(client, user.uuid, keyOf(user), signal);
  if (!fresh) return values['accountDisabled'] === 'true' ? DONE : asApplied(patched);
  const put = await client.putUser(fresh, values, signal);
  if (put.outcome !== 'done') return asApplied(put);
  const after = await afterwards(() => byUuid(client, user.uuid, keyOf(user), signal));
  const wanted = values['accountDisabled'];
  if (after && wanted !== undefined && flag(after, 'accountDisabled') !== (wanted === 'true')) {
    throw otdsError('OTDS_NOT_KEPT', { about: keyOf(user) });
  }
  return DONE;
}
