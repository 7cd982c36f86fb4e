import { createHash } from 'node:crypto';

/** The same name gives the same id, so that a seed is the same every time. */
export function uuidOf(text: string): string {
  const h = createHash('sha1').update(`northwind/${text}`).digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`;
}
