import { isObject } from '../../common/fields.ts';
import type { Call } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Asset, Field, MetadataValue } from '../state.ts';

export function fieldKey(env: string, id: string): string {
  return `${env}/${id}`;
}

export function fieldsOf(call: Call): Field[] {
  return Object.values(call.state.fields).filter((field) => field.env === call.env.id);
}

const MOST_SET_VALUES = 3000;

/** Why a value does not fit the field; null when it does. */
export function misfit(field: Field, value: MetadataValue): string | null {
  if (field.type === 'set') {
    if (!Array.isArray(value)) return 'must be a list';
    if (value.length > MOST_SET_VALUES) return `holds more than ${MOST_SET_VALUES} values`;
    const unknown = value.find((item) => !active(field, item));
    return unknown === undefined ? null : `has no value ${unknown}`;
  }
  if (Array.isArray(value)) return 'must be one value';
  if (field.type === 'enum') return active(field, String(value)) ? null : `has no value ${String(value)}`;
  if (field.type === 'integer' && !Number.isInteger(Number(value))) return 'must be an integer';
  if (field.type === 'date' && !/^\d{4}-\d\d-\d\d$/.test(String(value))) return 'must be a date';
  return field.validation && !valid(field.validation, value) ? 'breaks the validation' : null;
}

function active(field: Field, id: string): boolean {
  return field.datasource?.some((entry) => entry.external_id === id && entry.state === 'active') ?? false;
}

function valid(rule: Record<string, unknown>, value: string | number): boolean {
  if (rule['type'] === 'and') {
    const rules: unknown[] = Array.isArray(rule['rules']) ? rule['rules'] : [];
    return rules.every((one) => isObject(one) && valid(one, value));
  }
  if (rule['type'] === 'strlen') {
    const length = String(value).length;
    return length >= Number(rule['min'] ?? 0) && length <= Number(rule['max'] ?? Infinity);
  }
  const bound = rule['value'];
  const order =
    typeof bound === 'number'
      ? Number(value) - bound
      : String(value) < String(bound)
        ? -1
        : String(value) > String(bound)
          ? 1
          : 0;
  if (order === 0) return rule['equals'] === true;
  return rule['type'] === 'greater_than' ? order > 0 : order < 0;
}

/** The value in the field's own form: numbers as numbers, a lone value of a set as a list. Null for an empty one. */
export function typed(field: Field, value: unknown): MetadataValue | null {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0))
    return null;
  if (field.type === 'set') return (Array.isArray(value) ? value : [value]).map((item) => String(item));
  if (Array.isArray(value)) return value.map((item) => String(item));
  if (typeof value === 'number') return value;
  const text = typeof value === 'string' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
  return field.type === 'integer' && /^-?\d+$/.test(text) ? Number(text) : text;
}

/**
 * The metadata of an asset after a write: it merges, and an empty value clears. Unknown fields and values that do not
 * fit are refused, with `clear_invalid` the latter are cleared.
 */
export function merged(
  call: Call,
  held: Record<string, MetadataValue>,
  wanted: Record<string, unknown>,
  clearInvalid: boolean,
): Record<string, MetadataValue> {
  const fields = new Map(fieldsOf(call).map((field) => [field.external_id, field]));
  const unknown = Object.keys(wanted).filter((id) => !fields.has(id));
  if (unknown.length > 0)
    throw new ApiRefusal(400, `The following metadata fields do not exist: ${JSON.stringify(unknown)}`);
  const result = { ...held };
  for (const [id, given] of Object.entries(wanted)) {
    const field = fields.get(id);
    if (!field) continue;
    const value = typed(field, given);
    const wrong = value === null ? null : misfit(field, value);
    if (wrong !== null && !clearInvalid) throw new ApiRefusal(400, `Metadata field ${id} ${wrong}`);
    if (value === null || wrong !== null) delete result[id];
    else result[id] = value;
  }
  return result;
}

/** What a new asset has where nothing was said: the defaults; a mandatory field without value is refused. */
export function withDefaults(call: Call, given: Record<string, MetadataValue>): Record<string, MetadataValue> {
  const result = { ...given };
  for (const field of fieldsOf(call)) {
    if (result[field.external_id] !== undefined) continue;
    if (field.default_value !== null && !field.default_disabled) result[field.external_id] = field.default_value;
    else if (field.mandatory) throw new ApiRefusal(400, `Missing mandatory metadata field ${field.external_id}`);
  }
  return result;
}

export function metadataChanged(asset: Asset, before: Record<string, MetadataValue>): boolean {
  return JSON.stringify(asset.metadata) !== JSON.stringify(before);
}
