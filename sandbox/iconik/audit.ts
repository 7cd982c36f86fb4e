import { appendFileSync } from 'node:fs';
import { isObject } from '../common/fields.ts';
import type { Context, Json, StandInRequest } from '../common/types.ts';
import { newId } from './ids.ts';
import type { State, Token, User } from './state.ts';

/** Fields of a payload that an audit record never shows. */
const SECRET = new Set(['password', 'repeat_password', 'token', 'client_secret', 'headers', 'settings']);

/**
 * Counts a call for the audit statistics, and tells the full audit of it (contract section 9): one record to every log
 * recipient's outbox, and one JSON line to the file that the action `audit` named.
 */
export function noteCall(
  ctx: Context<State>,
  req: StandInRequest,
  who: { token: Token; user: User } | null,
  status: number,
): void {
  const { state } = ctx;
  if (who) {
    const day = `${ctx.now().toISOString().slice(0, 10)}/${who.user.id}`;
    state.activity[day] = (state.activity[day] ?? 0) + 1;
  }
  const recipients = Object.values(state.logs_recipients);
  if (recipients.length === 0 && state.auditFile === null) return;
  const record = recordOf(ctx, req, who, status);
  for (const { id, name } of recipients) ctx.outbox({ to: name, kind: 'auditRecord', recipient: id, record });
  if (state.auditFile !== null) appendFileSync(state.auditFile, `${JSON.stringify(record)}\n`);
}

function recordOf(
  ctx: Context<State>,
  req: StandInRequest,
  who: { token: Token; user: User } | null,
  status: number,
): { [k: string]: Json } {
  const time = ctx.now().toISOString();
  return {
    operation_type: req.method,
    system_name: ctx.state.domain.name,
    resource: req.path,
    payload: payloadOf(req),
    operation_result: status,
    user_id: who?.user.id ?? null,
    original_user_id: null,
    is_acting_as_user: false,
    app_id: who?.token.app_id ?? null,
    client_ip: '127.0.0.1',
    user_agent: req.headers['user-agent'] ?? null,
    request_id: newId(),
    share_id: null,
    share_user_id: null,
    sudo: false,
    system_domain_id: ctx.state.domain.id,
    time: time.slice(11, 19),
    date: time.slice(0, 10),
  };
}

function payloadOf(req: StandInRequest): string | null {
  const body = req.json();
  if (!isObject(body)) return null;
  return JSON.stringify(body, (key, value: unknown) => (SECRET.has(key) && value !== null ? 'set' : value));
}
