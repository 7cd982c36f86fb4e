import { isObject } from '../common/fields.ts';
import type { Context, Json, Write } from '../common/types.ts';
import type { OtdsState } from './model.ts';

/** The audit records of OTDS by its own names (contract, section 11). GET /state/audit shows them; the REST interface does not. */

/** More are forgotten, oldest first: the state is copied and saved often. */
const KEPT = 1000;
const DAY_MS = 86_400_000;
const NAMED: Record<string, string> = {
  user: 'User',
  group: 'Group',
  role: 'Role',
  oauthClient: 'OAuth Client',
  tenant: 'Tenant',
};

function has(value: Json, ...keys: string[]): boolean {
  return isObject(value) && keys.some((key) => key in value);
}

function eventsOf({ object, before, after }: Write): string[] {
  if (object === 'membership' || object === 'roleMembership') {
    if (before === null && after !== null) return ['Add Parent Object', 'Set group members'];
    return after === null && before !== null ? ['Remove Parent Object', 'Set group members'] : [];
  }
  const name = NAMED[object];
  if (name === undefined) return [];
  if (before === null) return [`${name} Create`];
  if (after === null) return [`${name} Delete`];
  if (has(after, 'passwordDigest')) return ['Password change successful'];
  if (has(after, 'accountLockedOut')) {
    const locked = isObject(after) && JSON.stringify(after['accountLockedOut']) === '["true"]';
    return [locked ? 'User locked out' : 'User Modify'];
  }
  return has(after, 'name') && JSON.stringify(before) !== JSON.stringify(after)
    ? [`${name} Rename`]
    : [`${name} Modify`];
}

/** Writes one event down, if events of its kind are audited. */
export function auditEvent(ctx: Context<OtdsState>, event: string, object: string, id: string, by: string): void {
  const { systemConfig, auditRecords } = ctx.state;
  const { enabled, eventIDs, daysToKeep } = systemConfig.audit;
  if (!enabled || !eventIDs.includes(event)) return;
  const now = ctx.now();
  const keys = Object.keys(auditRecords);
  const oldest = new Date(now.getTime() - Number(daysToKeep) * DAY_MS).toISOString();
  for (const [i, key] of keys.entries()) {
    if (keys.length - i < KEPT && (auditRecords[key]?.at ?? '') >= oldest) break; // in the order they were written
    delete auditRecords[key];
  }
  const seq = Number(keys.at(-1) ?? 0) + 1;
  auditRecords[String(seq)] = { at: now.toISOString(), event, object, id, by };
}

/** Writes down what an effect means for the audit. */
export function auditWrite(ctx: Context<OtdsState>, write: Write, by: string): void {
  for (const event of eventsOf(write)) auditEvent(ctx, event, write.object, write.id, by);
}
