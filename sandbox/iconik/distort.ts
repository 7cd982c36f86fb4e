import { isObject } from '../common/fields.ts';
import type { Context, Reply } from '../common/types.ts';
import type { State } from './state.ts';

/** Fields that independent clients require (contract section 12) and those that say what an object is. */
const KEPT = new Set([
  ...['id', 'type', 'name', 'email', 'status', 'title', 'token', 'base_url', 'objects', 'errors'],
  ...['group_id', 'user_id', 'share_id', 'object_id', 'object_type', 'object_key', 'permissions', 'app_id'],
  ...['owner_id', 'primary_group', 'is_admin', 'has_domain_been_migrated_to_simplified_acls', 'next_url'],
  ...['allow_download', 'allow_comments', 'allow_approving_comments', 'allow_setting_approve_status'],
  ...['event_type', 'url', 'operation_type', 'method', 'settings'],
  ...['updated_object_keys', 'access_granted', 'access_denied'],
]);

/**
 * The specials that change what a reply looks like, not what was done: `nullHeavy` (every optional field that holds
 * nothing or only says when, is null, the total too) and `naiveDates` (no zone on dates).
 */
export function distort(ctx: Context<State>, reply: Reply): Reply {
  if (typeof reply.body !== 'object' || reply.body === null) return reply;
  let body: unknown = reply.body;
  if (ctx.special('nullHeavy')) body = nullHeavy(body, '');
  if (ctx.special('naiveDates')) body = naive(body);
  return { ...reply, body: typeof body === 'object' ? body : null };
}

function nullHeavy(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.length === 0 && !KEPT.has(key) ? null : value.map((v) => nullHeavy(v, ''));
  if (isObject(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0 && key !== '' && !KEPT.has(key)) return null;
    return Object.fromEntries(entries.map(([k, v]) => [k, nullHeavy(v, k)]));
  }
  if (KEPT.has(key) || key === '') return value;
  const dated = key.startsWith('date_') || key.startsWith('last_');
  return value === '' || value === false || value === 0 || dated || key === 'total' || key === 'pages' ? null : value;
}

function naive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(naive);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, naive(v)]));
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*\+00:00$/.test(value) ? value.slice(0, -6) : value;
}
