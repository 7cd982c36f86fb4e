import { createHash, randomBytes } from 'node:crypto';

/** Hex of that length which depends on the name alone, so that every seed has the same ids. */
export function idOf(kind: string, name: string, length = 30): string {
  return createHash('sha256').update(`northwind-cloudinary/${kind}/${name}`).digest('hex').slice(0, length);
}

export function newId(length = 30): string {
  return randomBytes(Math.ceil(length / 2))
    .toString('hex')
    .slice(0, length);
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A public id as Cloudinary makes one up: 20 small letters and digits. */
export function newPublicId(): string {
  return [...randomBytes(20)].map((b) => LETTERS[b % LETTERS.length] ?? 'a').join('');
}

export function newSecret(): string {
  return randomBytes(20).toString('base64url').slice(0, 27);
}

/** An API key: 15 digits. */
export function newKey(): string {
  return [...randomBytes(15)]
    .map((b) => String(b % 10))
    .join('')
    .replace(/^0/, '1');
}

/** A short digest that names a secret without telling it. */
export function fingerprint(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 12);
}

/** ISO 8601 with `Z`, whole seconds. */
export function iso(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

export function epoch(text: string): number {
  return Math.floor(Date.parse(text) / 1000);
}
