import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { newId } from '../ids.ts';
import type { Call } from '../kit.ts';
import { created, fieldError, noContent, notFound, nowIso, ok, param, recordWrite } from '../kit.ts';
import { cursor } from '../paging.ts';
import type { crudRoles } from '../roles.ts';
import type { Route } from '../router.ts';
import type { State } from '../state.ts';

type Dates = { date_created: string; date_modified: string };

/** Objects that are shown as they are kept and that nothing else hangs on. */
export type Kind<T extends { id: string }> = {
  path: string;
  roles: ReturnType<typeof crudRoles>;
  /** Their name in a 404. */
  what: string;
  /** Their name in the ledger. */
  object: string;
  table: (state: State) => Record<string, T>;
  make: (call: Call, id: string, dates: Dates) => T;
  /** What a PUT or PATCH changes. */
  change: (call: Call) => Partial<T>;
};

/** The one that the path names, or 404. */
export function named<T extends { id: string }>(call: Call, { table, what }: Kind<T>): T {
  const found = table(call.state)[param(call, 'id')];
  if (!found) throw notFound(what);
  return found;
}

/** List, create, read, replace, change and delete. */
export function crudRoutes<T extends { id: string }>(kind: Kind<T>): Route[] {
  const { path, roles, object, table } = kind;

  function create(call: Call): Reply {
    const now = nowIso(call);
    const row = kind.make(call, newId(), { date_created: now, date_modified: now });
    table(call.state)[row.id] = row;
    recordWrite(call.ctx, object, row.id, null, row);
    return created(row);
  }

  function edit(call: Call): Reply {
    const row = named(call, kind);
    const before = structuredClone(row);
    Object.assign(row, kind.change(call), { date_modified: nowIso(call) });
    recordWrite(call.ctx, object, row.id, before, row);
    return ok(row);
  }

  function remove(call: Call): Reply {
    const row = named(call, kind);
    delete table(call.state)[row.id];
    recordWrite(call.ctx, object, row.id, row, null);
    return noContent();
  }

  function list(call: Call): Reply {
    return cursor(
      call,
      Object.values(table(call.state)),
      ({ id }) => id,
      (row) => row,
    );
  }

  const one = `${path}/{id}`;
  return [
    { method: 'GET', path, role: roles.read, handler: list },
    { method: 'POST', path, role: roles.write, handler: create },
    { method: 'GET', path: one, role: roles.read, handler: (call) => ok(named(call, kind)) },
    { method: 'PUT', path: one, role: roles.write, handler: edit },
    { method: 'PATCH', path: one, role: roles.write, handler: edit },
    { method: 'DELETE', path: one, role: roles.delete, handler: remove },
  ];
}

/** A field that every create and PUT must bring, and a PATCH may. */
export function needed<V>(call: Call, field: string, value: V): V {
  if (value === undefined && call.req.method !== 'PATCH') throw fieldError(field, 'Missing data for required field.');
  return value;
}

/** `settings`, kept as they were sent; nothing where a PATCH leaves them alone. */
export function readSettings(call: Call): { settings?: Record<string, unknown> } {
  const settings = needed(call, 'settings', call.body['settings']);
  if (settings === undefined) return {};
  if (!isObject(settings)) throw fieldError('settings', 'Not a valid mapping.');
  return { settings };
}
