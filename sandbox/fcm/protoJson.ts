import { isObject } from '../common/fields.ts';
import type { Violation } from './errors.ts';
import type { Field } from './messageShape.ts';

/** Reads proto3 JSON as Google's front end does: snake_case and lowerCamelCase, null as not sent, all faults told at once. */
export class ProtoReader {
  readonly violations: Violation[] = [];

  /** The object in snake_case names. `path` is empty for the whole body. */
  read(value: unknown, fields: Record<string, Field>, path = '', name = ''): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    if (!isObject(value)) {
      this.#invalid(path, name, value);
      return out;
    }
    for (const [sent, item] of Object.entries(value)) {
      const known = Object.keys(fields).find((key) => key === sent || camel(key) === sent);
      const field = known === undefined ? undefined : fields[known];
      if (known === undefined || field === undefined) this.#unknown(sent, path);
      else if (item !== null) out[known] = this.#one(item, field, path === '' ? known : `${path}.${known}`);
    }
    return out;
  }

  #one(value: unknown, field: Field, path: string): unknown {
    if (typeof field === 'string') return this.#scalar(value, field, path);
    if ('repeated' in field) {
      const items: unknown[] = Array.isArray(value) ? value : [value];
      return items.map((item, i) => this.#one(item, field.repeated, `${path}[${i}]`));
    }
    if ('map' in field) return this.#map(value, field.name, path);
    if ('values' in field) return this.#choice(value, field, path);
    return this.read(value, field.fields, path, field.name);
  }

  #scalar(value: unknown, kind: string, path: string): unknown {
    switch (kind) {
      case 'string':
        if (typeof value !== 'string') this.#invalid(path, 'TYPE_STRING', value);
        return value;
      case 'bool':
        if (typeof value !== 'boolean' && value !== 'true' && value !== 'false')
          this.#invalid(path, 'TYPE_BOOL', value);
        return value === true || value === 'true';
      case 'int32':
      case 'float':
        if (!isNumber(value) || (kind === 'int32' && !Number.isInteger(Number(value))))
          this.#invalid(path, `TYPE_${kind.toUpperCase()}`, value);
        return Number(value);
      case 'duration':
        return this.#duration(value, path);
      case 'timestamp':
        if (typeof value !== 'string' || Number.isNaN(Date.parse(value)))
          this.#invalid(path, 'google.protobuf.Timestamp', value);
        return value;
      default:
        if (!isObject(value)) this.#invalid(path, 'google.protobuf.Struct', value);
        return value;
    }
  }

  #duration(value: unknown, path: string): unknown {
    const name = 'type.googleapis.com/google.protobuf.Duration';
    if (typeof value !== 'string' || !value.endsWith('s')) {
      const key = path.split('.').at(-1) ?? path;
      this.#add(
        path,
        `Invalid value at '${path}' (${name}), Field '${key}', Illegal duration format; duration must end with 's'`,
      );
    } else if (!/^-?\d+(\.\d{1,9})?s$/.test(value)) {
      this.#invalid(path, 'google.protobuf.Duration', value);
    }
    return value;
  }

  /** Entries of a text map; a wrong one is told by its place, as in FCM's documented example. */
  #map(value: unknown, name: string, path: string): Record<string, string> {
    const out: Record<string, string> = {};
    if (!isObject(value)) {
      this.#invalid(path, `google.firebase.fcm.v1.Message.${name}`, value);
      return out;
    }
    for (const [i, [key, item]] of Object.entries(value).entries()) {
      if (typeof item === 'string') out[key] = item;
      else this.#invalid(`${path}[${i}].value`, 'TYPE_STRING', item);
    }
    return out;
  }

  /** Enums by name in any case, or by number. */
  #choice(value: unknown, { values, name }: { values: readonly string[]; name: string }, path: string): unknown {
    const found = typeof value === 'number' ? values[value] : values.find((one) => one === String(value).toUpperCase());
    if (found === undefined) this.#invalid(path, name, value);
    return found;
  }

  #unknown(sent: string, path: string): void {
    const at = path === '' ? '' : ` at '${path}'`;
    this.#add(path, `Invalid JSON payload received. Unknown name ${JSON.stringify(sent)}${at}: Cannot find field.`);
  }

  #invalid(path: string, kind: string, value: unknown): void {
    const type = kind.startsWith('TYPE_') ? kind : `type.googleapis.com/${kind}`;
    this.#add(path, `Invalid value at '${path}' (${type}), ${JSON.stringify(value)}`);
  }

  #add(path: string, description: string): void {
    this.violations.push(path === '' ? { description } : { field: path, description });
  }
}

function isNumber(value: unknown): boolean {
  if (typeof value === 'number') return true;
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
}

function camel(snake: string): string {
  return snake.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
