import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** A UUID that depends on the name alone (version-5 form), so that every seed has the same ids. */
export function idOf(kind: string, name: string): string {
  const hash = createHash('sha1').update(`northwind-iconik/${kind}/${name}`).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex').slice(0, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function newId(): string {
  return randomUUID();
}

export function newSecret(): string {
  return randomBytes(24).toString('base64url');
}

export function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/** ISO 8601 with `+00:00` instead of `Z`: what independent clients parse (contract section 12). */
export function iso(date: Date): string {
  return date.toISOString().replace('Z', '+00:00');
}
