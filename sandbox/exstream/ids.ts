import { createHash } from 'node:crypto';

/** The same name gives the same id, so that a seed is the same every time. */
export function uuidOf(text: string): string {
  const h = createHash('sha1').update(`northwind/exstream/${text}`).digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`;
}

/** The fingerprint by which a secret, token or body of driver data is known. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function iso(at: Date): string {
  return at.toISOString();
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}
