import { needAdmin } from './access.ts';
import { bodyOf, EMPTY, ok } from './call.ts';
import type { Handler } from './call.ts';
import { refused } from './errors.ts';
import type { OtdsState, PasswordPolicy, User } from './model.ts';
import { isPassword } from './writes.ts';

/** Password rules: `/systemconfig/passwordpolicy`, and what they mean for a new password (contract, section 8). */

const DAY_MS = 86_400_000;

/** OpenText's sample, with lock-out switched on and without an end of passwords. */
export function usualPolicy(): PasswordPolicy {
  return {
    passwordHistoryMaximumCount: 3,
    daysBeforeNewPasswordMayBeChanged: 1,
    passwordMaximumDuration: 0,
    daysBeforeOldPasswordMayBeReused: 0,
    lockoutFailureCount: 5,
    lockoutDuration: 15,
    minimumNumberOfCharacters: 8,
    complexPasswordValidationEnabled: true,
    minimumNumberOfDigits: 1,
    minimumNumberOfSymbols: 1,
    minimumNumberOfUppercase: 1,
    minimumNumberOfLowercase: 1,
    minimumChangesToPreviousPassword: 0,
    maxNumberOfConsecutiveANCharsInPassword: 0,
    blockCommonPassword: false,
  };
}

/** A few of the passwords that everybody tries first. */
const COMMON = new Set(['password', 'password1', 'password1!', 'passw0rd!', 'welcome1!', 'qwerty123!', 'opentext1!']);

const CHARACTERS = [
  ['minimumNumberOfDigits', /\d/g, 'digits'],
  ['minimumNumberOfSymbols', /[^\p{L}\d\s]/gu, 'symbols'],
  ['minimumNumberOfUppercase', /\p{Lu}/gu, 'uppercase letters'],
  ['minimumNumberOfLowercase', /\p{Ll}/gu, 'lowercase letters'],
] as const;

/** What is wrong with a new password; null when it may be set. `now` in milliseconds. */
export function passwordFault(
  state: OtdsState,
  user: User | null,
  password: string,
  o: { own: boolean; now: number },
): string | null {
  const policy = state.passwordPolicy;
  const least = (name: string) => Number(policy[name] ?? 0);
  if (password.length < least('minimumNumberOfCharacters'))
    return `The password must have at least ${least('minimumNumberOfCharacters')} characters`;
  if (policy['complexPasswordValidationEnabled'] === true)
    for (const [name, pattern, what] of CHARACTERS)
      if ((password.match(pattern) ?? []).length < least(name))
        return `The password must have at least ${least(name)} ${what}`;
  if (policy['blockCommonPassword'] === true && COMMON.has(password.toLowerCase())) return 'The password is too common';
  if (!user) return null;
  const earlier = [user.password, ...(user.history ?? [])].slice(0, least('passwordHistoryMaximumCount'));
  if (earlier.some((kept) => isPassword({ password: kept }, password))) return 'The password was used before';
  const changed = user.passwordChanged === null ? 0 : Date.parse(user.passwordChanged);
  if (o.own && o.now < changed + least('daysBeforeNewPasswordMayBeChanged') * DAY_MS)
    return 'The password was changed too recently';
  return null;
}

/** When a password ends, in milliseconds since 1970; 0 when it never does. */
export function passwordEnd(state: OtdsState, user: User): number {
  const days = Number(state.passwordPolicy['passwordMaximumDuration'] ?? 0);
  const never = user.attributes['PasswordNeverExpires']?.[0] === 'true';
  if (days === 0 || never || user.passwordChanged === null) return 0;
  return Date.parse(user.passwordChanged) + days * DAY_MS;
}

/** GET /systemconfig/passwordpolicy */
export const getPasswordPolicy: Handler = (call) => ok(call.state.passwordPolicy);

/** PUT /systemconfig/passwordpolicy: changes what it names. */
export const putPasswordPolicy: Handler = (call) => {
  needAdmin(call);
  const policy = call.state.passwordPolicy;
  const changes: [string, number | boolean][] = Object.entries(bodyOf(call)).map(([name, value]) => {
    if (!Object.hasOwn(policy, name)) throw refused('ERR_BAD_INPUT', `Unknown field of the password policy: ${name}`);
    const right = typeof policy[name] === 'boolean' ? typeof value === 'boolean' : Number.isInteger(value);
    if (!right || Number(value) < 0) throw refused('ERR_BAD_INPUT', `Invalid value of ${name}`);
    return [name, value as number | boolean]; // checked just now
  });
  const before = Object.fromEntries(changes.map(([name]) => [name, policy[name] ?? null]));
  Object.assign(policy, Object.fromEntries(changes));
  call.ctx.write({ object: 'passwordPolicy', id: 'global', before, after: Object.fromEntries(changes) });
  return EMPTY;
};
