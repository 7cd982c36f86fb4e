import type { StandInRequest } from '../common/types.ts';
import { ApiRefusal } from './refusal.ts';
import type { Route } from './router.ts';

/** Carried by signed calls of every kind. */
const SIGNED = new Set(['api_key', 'signature', 'timestamp', 'signature_algorithm', 'cloud_name', 'resource_type']);
/** Headers on which a client could rely though the contract says that there is no such thing. */
const PROMISES = new Set([
  'idempotency-key',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'prefer',
]);
const KNOWN_X = /^x-(unique-upload-id|upload-|requested-with|forwarded-|cld-)/;

/** Refuses what the contract does not know of: a field, a parameter, a header that is relied on. */
export function checkStrict(req: StandInRequest, route: Route, fields: Record<string, unknown>, files: object): void {
  const known = new Set(route.takes ?? []);
  for (const name of [...Object.keys(fields), ...Object.keys(files)]) {
    if (!known.has(name) && !(route.upload === true && SIGNED.has(name)))
      throw new ApiRefusal(400, `Unknown parameter - ${name}`, { details: { fields: [{ [name]: 'unknown' }] } });
  }
  for (const name of Object.keys(req.headers)) {
    if (PROMISES.has(name) || (name.startsWith('x-') && !KNOWN_X.test(name)))
      throw new ApiRefusal(400, `Unknown header - ${name}`, { details: { fields: [{ [name]: 'unknown' }] } });
  }
}
