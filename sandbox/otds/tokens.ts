import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Context } from '../common/types.ts';
import { isObject } from '../common/fields.ts';
import { fullName, stamp } from './model.ts';
import type { OtdsState, Token, User } from './model.ts';

const KEY_ID = 'otds-signing-key';
const FORGET_MS = 24 * 3600 * 1000;

/** Signs and checks access tokens (RS256). */
export class Signer {
  readonly #private: KeyObject;
  readonly #public: KeyObject;

  constructor(pem?: string) {
    this.#private =
      pem === undefined ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey : createPrivateKey(pem);
    this.#public = createPublicKey(this.#private);
  }

  jwks(): object {
    return { keys: [{ ...this.#public.export({ format: 'jwk' }), kid: KEY_ID, alg: 'RS256', use: 'sig' }] };
  }

  jwt(claims: object): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ kid: KEY_ID, alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), this.#private).toString('base64url')}`;
  }

  /** The `jti` of a token that this stand-in signed; null for anything else. */
  jti(token: string): string | null {
    const [head, body, signature] = token.split('.');
    if (!head || !body || !signature) return null;
    if (!verify('sha256', Buffer.from(`${head}.${body}`), this.#public, Buffer.from(signature, 'base64url')))
      return null;
    const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
    return isObject(claims) && typeof claims['jti'] === 'string' ? claims['jti'] : null;
  }
}

const signers = new Map<string, Signer>();
let ownKey: string | undefined;

/** A signing key for a new state; one per process, for making one takes a while. */
export function newSigningKey(): string {
  ownKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  return ownKey;
}

/** The signer of a state; the key is part of the state, so that tokens outlive a restart. */
export function signerOf(state: OtdsState): Signer {
  const known = signers.get(state.signingKey) ?? new Signer(state.signingKey);
  signers.set(state.signingKey, known);
  return known;
}

function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Forgets what ended more than a day ago. */
export function forgetOld(entries: Record<string, { expires: string }>, now: Date): void {
  for (const [key, { expires }] of Object.entries(entries)) {
    if (Date.parse(expires) + FORGET_MS > now.getTime()) break; // oldest first
    delete entries[key];
  }
}

/** A new ticket: opaque, with the characters that clients stumble over. */
export function issueTicket(ctx: Context<OtdsState>, user: User): string {
  forgetOld(ctx.state.tickets, ctx.now());
  const ticket = `*OTDSSSO*A${randomBytes(90).toString('base64')}+/=*`;
  const expires = new Date(ctx.now().getTime() + Number(ctx.state.choices.TICKET_TTL_S) * 1000).toISOString();
  ctx.state.tickets[ticket] = { user: user.uuid, expires };
  ctx.chosen('TICKET_TTL_S');
  ctx.write({ object: 'ticket', id: shortDigest(ticket), before: null, after: { user: fullName(user), expires } });
  return ticket;
}

/** A new access token for `user`, issued to a client. `lifetimeS` in seconds. */
export function issueToken(
  ctx: Context<OtdsState>,
  o: { user: User; client: string; scope: string; lifetimeS: number; issuer: string },
): string {
  forgetOld(ctx.state.tokens, ctx.now());
  const jti = randomUUID();
  const now = Math.floor(ctx.now().getTime() / 1000);
  const expires = stamp(new Date((now + o.lifetimeS) * 1000));
  const token: Token = { client: o.client, user: o.user.uuid, scope: o.scope, expires };
  ctx.state.tokens[jti] = token;
  ctx.write({ object: 'token', id: shortDigest(jti), before: null, after: { ...token, user: fullName(o.user) } });
  return signerOf(ctx.state).jwt({
    iss: o.issuer,
    sub: fullName(o.user),
    aud: o.client,
    client_id: o.client,
    unm: fullName(o.user),
    uid: o.user.uuid,
    scp: o.scope.split(' ').filter((s) => s !== ''),
    iat: now,
    nbf: now,
    exp: now + o.lifetimeS,
    jti,
  });
}
