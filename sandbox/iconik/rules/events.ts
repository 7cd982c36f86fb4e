import { isObject } from '../../common/fields.ts';
import type { Context, Write } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { iso } from '../ids.ts';
import type { Event } from '../parts.ts';
import type { State } from '../state.ts';
import { announce } from './deliver.ts';
import { PROPAGATING } from './rows.ts';

type Kind = Pick<Event, 'realm' | 'operation' | 'object_type' | 'object_id' | 'data'>;

/**
 * Does work and then tells the webhooks of what it changed: collections, their contents, assets and ACL rows, one event
 * for each object, realm and operation. Users and groups have no events (contract section 11).
 */
export function announcing<T>(ctx: Context<State>, who: () => string | null, work: (ctx: Context<State>) => T): T {
  const writes: Write[] = [];
  const result = work({
    ...ctx,
    write(w) {
      writes.push(w);
      ctx.write(w);
    },
  });
  const told = new Set<string>();
  for (const kind of writes.flatMap((write) => kindOf(ctx, write) ?? [])) {
    const key = [kind.object_id, kind.realm, kind.operation].join('/');
    if (told.has(key)) continue;
    told.add(key);
    announce(ctx, { ...kind, user_id: who(), date_created: iso(ctx.now()) });
  }
  return result;
}

/** What a write means to a webhook; null when it means nothing, as a needless repeat does. */
function kindOf(ctx: Context<State>, write: Write): Kind | null {
  if (JSON.stringify(write.before) === JSON.stringify(write.after)) return null;
  switch (write.object) {
    case 'collection':
      return entity(write, 'collections', ctx.state.collections[write.id]);
    case 'asset':
      return entity(write, 'assets', ctx.state.things[write.id]);
    case 'content':
      return content(write);
    case 'acl':
      return acl(ctx, write);
    case 'history':
      return history(write);
    default:
      return null;
  }
}

const made = (write: Write): boolean => write.before === null;
const gone = (write: Write): boolean => write.after === null;

function entity(write: Write, object_type: string, now: object | undefined): Kind {
  const status = (side: unknown): unknown => (isObject(side) ? side['status'] : undefined);
  const binned = status(write.after) === 'DELETED';
  const back = status(write.before) === 'DELETED';
  const operation = made(write) ? 'create' : gone(write) ? 'purge' : binned ? 'delete' : back ? 'restore' : 'update';
  return { realm: 'entity', operation, object_type, object_id: write.id, data: { ...now } };
}

/** Told of the collection; `data` names what came in or went out. */
function content(write: Write): Kind {
  const [collection = '', object_id = ''] = write.id.split('/');
  const inside = JSON.stringify(write.after).includes(collection);
  const operation = inside ? 'create' : 'delete';
  return { realm: 'contents', operation, object_type: 'collections', object_id: collection, data: { object_id } };
}

/** ACL events say that rows changed, not which (chosen: `data: {}`). */
function acl(ctx: Context<State>, write: Write): Kind {
  const [type = '', object_id = '', grantee = ''] = write.id.split('/');
  const operation = made(write) ? 'create' : gone(write) ? 'delete' : 'update';
  const data = CHOSEN.value(ctx.state, 'webhookAclData') === 'row' ? { grantee, permissions: write.after } : {};
  return { realm: 'acls', operation, object_type: type === PROPAGATING ? 'collections' : type, object_id, data };
}

function history(write: Write): Kind | null {
  const [object_id = ''] = write.id.split('/');
  const type = isObject(write.after) ? write.after['operation_type'] : undefined;
  const told = { object_type: 'assets', object_id, data: { operation_type: type } };
  if (type === 'DOWNLOAD') return { ...told, realm: 'entity', operation: 'download' };
  return type === 'METADATA' ? { ...told, realm: 'metadata', operation: 'update' } : null;
}
