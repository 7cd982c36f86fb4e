import type { Reply } from '../common/types.ts';
import { needAdmin } from './access.ts';
import { auditEvent } from './audit.ts';
import { bodyOf, EMPTY, textOf } from './call.ts';
import type { Call, Handler } from './call.ts';
import { parseDn } from './dn.ts';
import { refused } from './errors.ts';
import type { Partition } from './model.ts';
import { queueAll } from './push/queue.ts';
import { receivers } from './push/receiver.ts';
import { candidates, partitionNamed } from './refs.ts';
import { importAll } from './sync.ts';

/** How much longer a consolidation takes with the special fault `slowConsolidation`. */
const SLOW_MS = 1000;

/** What is consolidated: these users and groups (null: everything), and the partition they are of, if there is one. */
type Subject = { only: Set<string> | null; partition: Partition | null };

function subjectOf(call: Call, dn: string): Subject {
  const { state, dir } = call;
  const user = candidates(state, dir.users, dn)[0] ?? null;
  const group = user ? null : (candidates(state, dir.groups, dn)[0] ?? null);
  const e = user ?? group;
  if (e) return { only: new Set([e.uuid]), partition: partitionNamed(state, e.partition) ?? null };
  const parts = parseDn(dn);
  if (parts?.uuid && Object.values(state.resources).some((r) => r.uuid === parts.uuid))
    return { only: null, partition: null };
  const partition = parts?.partition ? partitionNamed(state, parts.partition) : undefined;
  if (!partition || parts?.uuid) throw refused('ERR_NOT_FOUND', `There is no object ${dn}`);
  const inside = [...Object.values(state.users), ...Object.values(state.groups)];
  return { only: new Set(inside.filter((o) => o.partition === partition.name).map((o) => o.uuid)), partition };
}

function resourcesOf(call: Call, list: unknown): Set<string> | null {
  if (list === undefined || list === null) return null;
  if (!Array.isArray(list)) throw refused('ERR_BAD_INPUT', 'resourceList must be a list of DNs');
  const uuids = list.map((dn: unknown) => {
    const uuid = typeof dn === 'string' ? parseDn(dn)?.uuid : null;
    if (!uuid || !Object.values(call.state.resources).some((r) => r.uuid === uuid))
      throw refused('ERR_NOT_FOUND', `There is no resource ${String(dn)}`);
    return uuid;
  });
  return new Set(uuids);
}

/**
 * POST /consolidation: queues everything for the receivers once more. Long in OTDS; here it answers after
 * CONSOLIDATION_MS. Members of a synchronised partition are imported first when `consolidateWithIdentityProvider` says so.
 */
export const consolidate: Handler = async (call): Promise<Reply> => {
  needAdmin(call);
  const body = bodyOf(call);
  const subject = subjectOf(call, textOf(body, 'objectToConsolidate'));
  const resources = resourcesOf(call, body['resourceList']);
  const yes = (name: string) => String(body[name] ?? '').toLowerCase() === 'true';
  if (yes('consolidateWithIdentityProvider') && subject.partition?.synchronised)
    importAll(call.ctx, subject.partition.name);
  const { only } = subject;
  const clean = { cleanUsers: yes('cleanupUsersInResource'), cleanGroups: yes('cleanupGroupsInResource') };
  for (const receiver of receivers(call.state))
    if (!resources || resources.has(receiver.resource.uuid)) queueAll(call.ctx, receiver, { only, ...clean });
  auditEvent(
    call.ctx,
    'Consolidation finished',
    'consolidation',
    textOf(body, 'objectToConsolidate'),
    call.who?.name ?? '',
  );
  call.ctx.chosen('CONSOLIDATION_MS');
  const ms = Number(call.state.choices.CONSOLIDATION_MS) + (call.ctx.special('slowConsolidation') ? SLOW_MS : 0);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return EMPTY;
};
