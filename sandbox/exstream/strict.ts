import { isObject } from '../common/fields.ts';
import { CODES, ApiRefusal } from './errors.ts';
import type { Call } from './kit.ts';
import type { Route } from './router.ts';

/** Headers that any HTTP client or proxy may send; none of them is part of the contract. */
const USUAL = new Set(
  (
    'host connection keep-alive user-agent accept accept-encoding accept-language accept-charset content-type ' +
    'content-length transfer-encoding authorization cookie cache-control pragma origin referer expect te upgrade ' +
    'postman-token traceparent tracestate forwarded via x-request-id dnt priority'
  ).split(' '),
);
const USUAL_PREFIX = /^(sec-|x-forwarded-)/;

/**
 * Strict mode: what the contract does not know is refused with 400 in the vendor's shape, instead of being passed over.
 * Parameters, fields of a JSON body and headers that only Exstream would read.
 */
export function refuseUnknown(call: Call, route: Route): void {
  const what = unknownIn(call, route);
  if (what !== null)
    throw new ApiRefusal(400, CODES.STRICT, `${what} is not in the contract of ${route.method} ${route.path}`);
}

function unknownIn(call: Call, route: Route): string | null {
  for (const name of call.query.keys()) if (!(route.query ?? []).includes(name)) return `The parameter ${name}`;
  const headers = route.headers ?? [];
  for (const name of Object.keys(call.req.headers)) {
    if (headers === 'any' || USUAL.has(name) || USUAL_PREFIX.test(name) || headers.includes(name)) continue;
    return `The header ${name}`;
  }
  const known = route.body ?? [];
  if (known === 'any' || call.req.body === '') return null;
  if (known.length === 0) return 'A body';
  const body = call.req.json();
  for (const field of isObject(body) ? Object.keys(body) : []) if (!known.includes(field)) return `The field ${field}`;
  return null;
}
