import { createHash } from 'node:crypto';

/** Never signed: they carry the file or say where and by whom (contract section 3). */
const UNSIGNED = new Set(['file', 'cloud_name', 'resource_type', 'api_key', 'signature']);

function valueText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(valueText).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The text that a client signs. Version 2 writes an `&` inside a pair as `%26`; version 1 leaves it. */
function stringToSign(fields: Record<string, unknown>, version: 1 | 2): string {
  return Object.entries(fields)
    .filter(([name]) => !UNSIGNED.has(name))
    .map(([name, value]): [string, string] => [name, valueText(value)])
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (version === 2 ? `${name}=${value}`.replaceAll('&', '%26') : `${name}=${value}`))
    .join('&');
}

/** True when `signature` fits the fields and the secret, by either version and either digest. */
export function signed(fields: Record<string, unknown>, signature: string, secret: string): boolean {
  return ([2, 1] as const).some((version) =>
    ['sha1', 'sha256'].some(
      (digest) => hex(digest, stringToSign(fields, version) + secret) === signature.toLowerCase(),
    ),
  );
}

/** The signature of a notification: a plain digest of raw body, timestamp and secret (contract section 10.3). */
export function notificationSignature(digest: string, body: string, timestamp: string, secret: string): string {
  return hex(digest, body + timestamp + secret);
}

/** The signature in an upload reply: public id and version. */
export function uploadSignature(publicId: string, version: number, secret: string): string {
  return hex('sha1', `public_id=${publicId}&version=${version}${secret}`);
}

function hex(digest: string, text: string): string {
  return createHash(digest).update(text).digest('hex');
}
