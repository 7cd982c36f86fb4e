import { toJson } from '../../common/effects.ts';
import type { Context } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { iso, newId } from '../ids.ts';
import { recordWrite, remember } from '../kit.ts';
import { blankUser } from '../routes/users.ts';
import type { Group, State, User } from '../state.ts';
import { changeUser, join, leave, userByEmail, userInLedger } from './people.ts';

export type SamlLogin = {
  email: string;
  first_name: string | null;
  last_name: string | null;
  /** Group claims as the identity provider sends them; null when it sends none at all. */
  groups: string[] | null;
  identity_provider_id: string;
};

/** What came of a log-in; `refused` is a sentence when nobody got in. */
export type SamlOutcome = { refused: string } | { user: User; created: boolean; joined: string[]; left: string[] };

/**
 * Somebody logs in by an identity provider (contract section 10): the user is made at the first log-in, joins every
 * group whose name (or mapping) is claimed, and leaves the SAML groups that are claimed no more. The SAML group with the
 * highest priority above 0 becomes primary; its `default_user_type` becomes the user's type.
 */
export function samlLogin(ctx: Context<State>, login: SamlLogin): SamlOutcome {
  const existing = userByEmail(ctx.state, login.email);
  if (existing && existing.status !== 'ACTIVE') return { refused: `${existing.email} is ${existing.status}.` };
  if (existing && existing.identity_provider_id === null) {
    if (CHOSEN.use(ctx, 'samlUnboundUser') === 'refused') {
      return { refused: `${existing.email} is not bound to an identity provider.` };
    }
  }
  const user = existing ?? makeUser(ctx, login);
  const now = iso(ctx.now());
  changeUser(ctx, user, {
    identity_provider_id: user.identity_provider_id ?? login.identity_provider_id,
    last_web_login: now,
    last_successful_auth: now,
  });
  const moved = login.groups === null ? { joined: [], left: [] } : followClaims(ctx, user, login.groups);
  return { user, created: !existing, ...moved };
}

function makeUser(ctx: Context<State>, { email, first_name, last_name }: SamlLogin): User {
  const everyone = ctx.state.domain.everyone;
  const blank = blankUser(newId(), email, iso(ctx.now()));
  const user: User = { ...blank, first_name, last_name, saml_created: true, primary_group: everyone };
  remember(ctx, 'users', user.id, null);
  ctx.state.users[user.id] = user;
  ctx.write({ object: 'user', id: user.id, before: null, after: toJson(userInLedger(user)) });
  const group = ctx.state.groups[everyone];
  if (group) join(ctx, user, group);
  return user;
}

function followClaims(ctx: Context<State>, user: User, claims: string[]): { joined: string[]; left: string[] } {
  const claimed = Object.values(ctx.state.groups).filter(
    (group) => !group.is_system && isClaimed(ctx.state, group, claims),
  );
  for (const group of claimed) markSaml(ctx, group);
  const joined = claimed.filter((group) => !user.groups.includes(group.id));
  for (const group of joined) join(ctx, user, group);
  setPrimary(ctx, user, claimed);
  const stale = user.groups
    .flatMap((id) => ctx.state.groups[id] ?? [])
    .filter((group) => group.is_saml_group && !claimed.includes(group));
  if (stale.length > 0) ctx.chosen('samlClaimGone');
  const left = CHOSEN.value(ctx.state, 'samlClaimGone') === 'keeps' ? [] : stale;
  for (const group of left) {
    if (user.primary_group === group.id) changeUser(ctx, user, { primary_group: ctx.state.domain.everyone });
    leave(ctx, user, group);
  }
  return { joined: joined.map(({ name }) => name), left: left.map(({ name }) => name) };
}

/** By its name, or by a mapping row of the claim's name. */
function isClaimed(state: State, group: Group, claims: string[]): boolean {
  return claims.some((claim) => claim === group.name || state.mappings[claim]?.group_id === group.id);
}

function markSaml(ctx: Context<State>, group: Group): void {
  if (group.is_saml_group) return;
  const before = structuredClone(group);
  group.is_saml_group = true;
  recordWrite(ctx, 'group', group.id, before, group);
}

function setPrimary(ctx: Context<State>, user: User, claimed: Group[]): void {
  const [first] = claimed
    .filter((group) => group.saml_primary_group_priority > 0)
    .sort((a, b) => b.saml_primary_group_priority - a.saml_primary_group_priority);
  if (!first) return;
  const type = first.default_user_type ?? user.type;
  if (user.primary_group !== first.id || user.type !== type) changeUser(ctx, user, { primary_group: first.id, type });
}
