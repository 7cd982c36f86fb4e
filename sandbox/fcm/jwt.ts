import { verify } from 'node:crypto';
import { isObject } from '../common/fields.ts';

export type Claims = Record<string, unknown>;

export type Jwt = { header: Record<string, unknown>; claims: Claims; signed: string; signature: Buffer };

/** A JWT taken apart, or null for anything that is none. Nothing is checked yet. */
export function parseJwt(text: string): Jwt | null {
  const [head, body, tail, more] = text.split('.');
  if (head === undefined || body === undefined || tail === undefined || more !== undefined) return null;
  const [header, claims] = [head, body].map((part) => {
    try {
      const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
      return value;
    } catch {
      return null;
    }
  });
  if (!isObject(header) || !isObject(claims)) return null;
  return { header, claims, signed: `${head}.${body}`, signature: Buffer.from(tail, 'base64url') };
}

/** True for RS256 by that key. */
export function signedBy(jwt: Jwt, publicKey: string): boolean {
  return jwt.header['alg'] === 'RS256' && verify('sha256', Buffer.from(jwt.signed), publicKey, jwt.signature);
}

const SKEW_S = 300;
const LIFE_MAX_S = 3600;

/**
 * True for a life of at most an hour that is going on. By the real clock, not the stand-in's: whoever signs does not know that
 * the stand-in's clock was moved.
 */
export function inTime({ claims }: Jwt): boolean {
  const { iat, exp } = claims;
  if (typeof iat !== 'number' || typeof exp !== 'number') return false;
  const now = Date.now() / 1000;
  return iat <= now + SKEW_S && exp > now - SKEW_S && exp > iat && exp - iat <= LIFE_MAX_S + SKEW_S;
}
