import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { newId } from '../ids.ts';
import { flag, list, needed, oneOf, text, whole } from '../input.ts';
import type { Call } from '../kit.ts';
import { change, defined, now, ok, param, recordWrite } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import { fieldKey, fieldsOf, misfit, typed } from '../rules/metadata.ts';
import { need } from '../rules/rights.ts';
import type { DatasourceValue, Field } from '../state.ts';

/** A field as replies show it; enum and set have their values, the inactive ones too. */
function shown(field: Field): object {
  return {
    type: field.type,
    external_id: field.external_id,
    label: field.label,
    mandatory: field.mandatory,
    default_value: field.default_value,
    validation: field.validation,
    default_disabled: field.default_disabled,
    allow_dynamic_list_values: field.allow_dynamic_list_values,
    restrictions: field.restrictions,
    ...(field.datasource === null
      ? {}
      : { datasource: { values: field.datasource.map(({ position: _, ...value }) => value) } }),
  };
}

function fieldOf(call: Call): Field {
  const field = call.state.fields[fieldKey(call.env.id, param(call, 'id'))];
  if (!field) throw new ApiRefusal(404, `External ID ${param(call, 'id')} doesn't exist`);
  return field;
}

function listFields(call: Call): Reply {
  const wanted = list(call.input, 'external_ids');
  const some = fieldsOf(call).filter((field) => !wanted?.length || wanted.includes(field.external_id));
  return ok({ metadata_fields: some.map(shown) });
}

const TYPES = ['string', 'integer', 'date', 'enum', 'set'] as const;
const RESTRICTIONS = ['readonly_ui', 'hidden_ui', 'excluded_from_search'];

function restrictionsIn(call: Call): Record<string, boolean> | undefined {
  const value = call.input['restrictions'];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new ApiRefusal(400, 'Invalid value for parameter restrictions');
  return Object.fromEntries(RESTRICTIONS.map((name) => [name, value[name] === true || value[name] === 'true']));
}

function validationIn(call: Call): Record<string, unknown> | null | undefined {
  const value = call.input['validation'];
  if (value === undefined || value === null) return value;
  const types = ['greater_than', 'less_than', 'strlen', 'and'];
  if (!isObject(value) || !types.some((type) => type === value['type']))
    throw new ApiRefusal(400, 'Invalid value for parameter validation');
  return value;
}

function createField(call: Call): Reply {
  need(call, 'metadata');
  const { input, state, env } = call;
  const label = needed(input, 'label');
  const type = oneOf(input, 'type', TYPES);
  if (type === undefined) throw new ApiRefusal(400, 'Missing required parameter - type');
  const id = text(input, 'external_id') || newId(20);
  const key = fieldKey(env.id, id);
  // Deleted ids are never free again.
  if (state.fields[key] || state.deletedFields.includes(key))
    throw new ApiRefusal(400, `external id ${id} already exists`);
  const hasValues = type === 'enum' || type === 'set';
  const field: Field = {
    external_id: id,
    env: env.id,
    label,
    type,
    mandatory: flag(input, 'mandatory') ?? false,
    default_value: null,
    validation: validationIn(call) ?? null,
    allow_dynamic_list_values: flag(input, 'allow_dynamic_list_values') ?? false,
    default_disabled: flag(input, 'default_disabled') ?? false,
    restrictions: restrictionsIn(call) ?? { readonly_ui: false, hidden_ui: false, excluded_from_search: false },
    datasource: hasValues ? withEntries([], input['datasource']) : null,
    created_at: now(call),
  };
  field.default_value = defaultIn(call, field) ?? null;
  if (fieldsOf(call).some((one) => one.label === label)) throw new ApiRefusal(400, `label ${label} already exists`);
  state.fields[key] = field;
  recordWrite(call.ctx, 'metadataField', key, null, field);
  return ok(shown(field));
}

function defaultIn(call: Call, field: Field): Field['default_value'] | undefined {
  if (call.input['default_value'] === undefined) return undefined;
  const value = typed(field, call.input['default_value']);
  if (value !== null && misfit(field, value) !== null) throw new ApiRefusal(400, 'default_value is invalid');
  return value;
}

/** Entries by external id: known ones change, new ones come; those without id are given one. */
function withEntries(held: DatasourceValue[], given: unknown): DatasourceValue[] {
  const values = isObject(given) ? given['values'] : given;
  if (!Array.isArray(values)) throw new ApiRefusal(400, 'Missing required parameter - datasource values');
  const result = held.map((entry) => ({ ...entry }));
  for (const item of values as unknown[]) {
    if (!isObject(item)) throw new ApiRefusal(400, 'Invalid value for parameter values');
    const value = text(item, 'value');
    const id = text(item, 'external_id') || newId(20);
    const state = oneOf(item, 'state', ['active', 'inactive']);
    const known = result.find((entry) => entry.external_id === id);
    if (known) Object.assign(known, defined<Partial<DatasourceValue>>({ value, state: state ?? 'active' }));
    else if (value === undefined) throw new ApiRefusal(400, 'Missing required parameter - value');
    else result.push({ external_id: id, value, state: state ?? 'active', position: result.length });
    const at = whole(item, 'position', 0, 1_000_000);
    if (at !== undefined) move(result, id, at);
  }
  return result.map((entry, position) => ({ ...entry, position }));
}

function move(entries: DatasourceValue[], id: string, to: number): void {
  const from = entries.findIndex((entry) => entry.external_id === id);
  entries.splice(to, 0, ...entries.splice(from, 1));
}

/** Not the id, not the type: both are ignored (contract section 9). */
function updateField(call: Call): Reply {
  need(call, 'metadata');
  const field = fieldOf(call);
  const { input } = call;
  const entries = input['datasource'];
  const changes = defined<Partial<Field>>({
    label: text(input, 'label'),
    mandatory: flag(input, 'mandatory'),
    validation: validationIn(call),
    allow_dynamic_list_values: flag(input, 'allow_dynamic_list_values'),
    default_disabled: flag(input, 'default_disabled'),
    restrictions: restrictionsIn(call),
    datasource: entries === undefined || entries === null ? undefined : withEntries(field.datasource ?? [], entries),
  });
  const value = defaultIn(call, { ...field, ...changes });
  if (value !== undefined) changes.default_value = value;
  save(call, field, changes);
  return ok(shown(field));
}

function save(call: Call, field: Field, changes: Partial<Field>): void {
  change(call.ctx, 'metadataField', fieldKey(field.env, field.external_id), field, changes);
}

function deleteField(call: Call): Reply {
  need(call, 'metadata');
  const field = fieldOf(call);
  const key = fieldKey(field.env, field.external_id);
  delete call.state.fields[key];
  call.state.deletedFields.push(key);
  recordWrite(call.ctx, 'metadataField', key, field, null);
  for (const asset of Object.values(call.state.assets)) {
    if (asset.env === field.env) delete asset.metadata[field.external_id];
  }
  return ok({ message: 'ok' });
}

function listOf(call: Call): { field: Field; held: DatasourceValue[] } {
  const field = fieldOf(call);
  if (field.datasource === null) throw new ApiRefusal(400, `Field ${field.external_id} has no datasource`);
  return { field, held: field.datasource };
}

/** Active values, as `{external_id, value}` only. */
function activeValues(field: Field): Reply {
  const some = (field.datasource ?? []).filter((entry) => entry.state === 'active');
  return ok({ values: some.map(({ external_id, value }) => ({ external_id, value })) });
}

function updateDatasource(call: Call): Reply {
  need(call, 'metadata');
  const { field, held } = listOf(call);
  const key = fieldKey(field.env, field.external_id);
  if (call.state.updatingFields.includes(key) || call.ctx.special('fieldUpdating'))
    throw new ApiRefusal(420, `Field ${field.external_id} is already updating`);
  save(call, field, { datasource: withEntries(held, { values: call.input['values'] }) });
  return activeValues(field);
}

function setState(call: Call, state: 'active' | 'inactive'): Reply {
  need(call, 'metadata');
  const { field, held } = listOf(call);
  const wanted = list(call.input, 'external_ids') ?? [];
  if (wanted.length === 0) throw new ApiRefusal(400, 'Missing required parameter - external_ids');
  const unknown = wanted.find((id) => !held.some((entry) => entry.external_id === id));
  if (unknown !== undefined) throw new ApiRefusal(400, `External ID ${unknown} doesn't exist`);
  save(call, field, {
    datasource: held.map((entry) => (wanted.includes(entry.external_id) ? { ...entry, state } : entry)),
  });
  return activeValues(field);
}

function orderDatasource(call: Call): Reply {
  need(call, 'metadata');
  const { field, held } = listOf(call);
  const by = oneOf(call.input, 'order_by', ['value', 'external_id', 'created_at']);
  if (by === undefined) throw new ApiRefusal(400, 'Missing required parameter - order_by');
  const down = oneOf(call.input, 'direction', ['asc', 'desc']) === 'desc';
  const sorted = by === 'created_at' ? [...held] : [...held].sort((a, b) => (a[by] < b[by] ? -1 : 1));
  if (down) sorted.reverse();
  save(call, field, { datasource: sorted.map((entry, position) => ({ ...entry, position })) });
  return activeValues(field);
}

function orderFields(call: Call): Reply {
  need(call, 'metadata');
  const by = oneOf(call.input, 'order_by', ['label', 'external_id', 'created_at']);
  if (by === undefined) throw new ApiRefusal(400, 'Missing required parameter - order_by');
  const sorted = fieldsOf(call).sort((a, b) => (a[by] < b[by] ? -1 : a[by] > b[by] ? 1 : 0));
  if (oneOf(call.input, 'direction', ['asc', 'desc']) === 'desc') sorted.reverse();
  for (const field of sorted) {
    const key = fieldKey(field.env, field.external_id);
    delete call.state.fields[key];
    call.state.fields[key] = field;
  }
  recordWrite(call.ctx, 'metadataFieldOrder', call.env.id, null, { order: sorted.map((field) => field.external_id) });
  return ok({ metadata_fields: sorted.map(shown) });
}

function searchDatasource(call: Call): Reply {
  const { held } = listOf(call);
  const term = (text(call.input, 'term') ?? '').toLowerCase();
  const exact = flag(call.input, 'exact_match') === true;
  const most = whole(call.input, 'max_results', 1, 255) ?? 255;
  const some = held.filter((entry) => {
    const value = entry.value.toLowerCase();
    return entry.state === 'active' && (exact ? value === term : value.includes(term));
  });
  return ok({ values: some.slice(0, most).map(({ external_id, value }) => ({ external_id, value })) });
}

const env = { plane: 'environment' } as const;
const FIELDS =
  'external_id type label mandatory default_value validation datasource restrictions default_disabled allow_dynamic_list_values'.split(
    ' ',
  );
const id = '/metadata_fields/{id}';
const ORDER = ['order_by', 'direction'];

export const METADATA_FIELD_ROUTES: Route[] = [
  { ...env, method: 'GET', path: '/metadata_fields', takes: ['external_ids'], handler: listFields },
  { ...env, method: 'POST', path: '/metadata_fields', takes: FIELDS, handler: createField },
  { ...env, method: 'GET', path: id, handler: (call) => ok(shown(fieldOf(call))) },
  { ...env, method: 'PUT', path: id, takes: FIELDS, handler: updateField },
  { ...env, method: 'DELETE', path: id, handler: deleteField },
  { ...env, method: 'PUT', path: '/metadata_fields/order', takes: ORDER, handler: orderFields },
  { ...env, method: 'PUT', path: `${id}/datasource`, takes: ['values'], handler: updateDatasource },
  {
    ...env,
    method: 'DELETE',
    path: `${id}/datasource`,
    takes: ['external_ids'],
    handler: (call) => setState(call, 'inactive'),
  },
  {
    ...env,
    method: 'POST',
    path: `${id}/datasource_restore`,
    takes: ['external_ids'],
    handler: (call) => setState(call, 'active'),
  },
  { ...env, method: 'POST', path: `${id}/datasource/order`, takes: ORDER, handler: orderDatasource },
  {
    ...env,
    method: 'POST',
    path: `${id}/datasource/search`,
    takes: ['term', 'exact_match', 'max_results'],
    handler: searchDatasource,
  },
];
