import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

export type SealKey = { id: string; key: Uint8Array };
/** The first seals and opens, `old` ones only open. 32 bytes each. */
export type SealKeys = { current: SealKey; old: readonly SealKey[] };

const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** A secret as it may lie in a table: AES-256-GCM under a key of its own purpose, derived from ours. `about` must be the same when it is opened. */
export function seal(text: string, about: string, { current }: SealKeys): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(CIPHER, derived(current), nonce).setAAD(Buffer.from(about));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${current.id}:${sealed.toString('base64url')}`;
}

/** Undefined where no present key opens it, or it was changed. */
export function unseal(sealed: string, about: string, { current, old }: SealKeys): string | undefined {
  const [id = '', body = ''] = sealed.split(':');
  const key = [current, ...old].find((one) => one.id === id);
  const bytes = Buffer.from(body, 'base64url');
  if (!key || bytes.length < NONCE + TAG) return undefined;
  const decipher = createDecipheriv(CIPHER, derived(key), bytes.subarray(0, NONCE)).setAAD(Buffer.from(about));
  decipher.setAuthTag(bytes.subarray(-TAG));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function derived({ key }: SealKey): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', 'tenure device tokens', 32));
}
