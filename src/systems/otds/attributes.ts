import type { OtdsConfig } from '../../config/types.ts';
import type { Person, PersonRef } from '../../domain/person.ts';
import { instantOf, workerType } from '../people.ts';
import type { OtdsChoices } from './choices.ts';
import { keyOf, same } from './shapes.ts';
import type { OtdsObject } from './shapes.ts';

const HIDDEN = new Set(['userpassword', 'otmemberof']);

/** First text of an attribute, trimmed; undefined where there is none. The attribute's name in any case. */
export function attribute(object: OtdsObject, name: string): string | undefined {
  const entry = (object.values ?? []).find((value) => same(value.name, name));
  const text = entry?.values?.find((value) => typeof value === 'string')?.trim();
  return text === undefined || text === '' ? undefined : text;
}

/** Booleans are texts, in any case (contracts/otds.md 12). */
export function flag(object: OtdsObject, name: string): boolean {
  return attribute(object, name)?.toLowerCase() === 'true';
}

export function stateOf(object: OtdsObject): 'active' | 'disabled' | 'locked' {
  if (flag(object, 'accountDisabled')) return 'disabled';
  return flag(object, 'accountLockedOut') ? 'locked' : 'active';
}

export function isSynchronised(config: OtdsConfig, partition: string): boolean {
  return config.synchronised.some((name) => same(name, partition));
}

/** The partition as the configuration spells it; undefined where Tenure does not look after it. */
export function lookedAfter(config: OtdsConfig, partition: string): string | undefined {
  return config.partitions.find((name) => same(name, partition));
}

export function refTo(user: OtdsObject): PersonRef {
  return { uuid: user.uuid, login: user.name, partition: user.userPartitionID, who: keyOf(user) };
}

/** A person as Tenure sees them. `groups`: effective ones, as `name@partition`, in any order. */
export function personOf(user: OtdsObject, groups: Iterable<string>, config: OtdsConfig, choices: OtdsChoices): Person {
  const mapped = new Map<string, string>();
  for (const [field, name] of Object.entries(config.attributes)) {
    const text = attribute(user, name);
    if (text !== undefined) mapped.set(field, text);
  }
  const [startAt, endAt, manager] = ['startAt', 'endAt', 'manager'].map((field) => mapped.get(field));
  const fields = [...mapped].filter(([field]) => !['type', 'startAt', 'endAt'].includes(field));
  return {
    ...refTo(user),
    state: stateOf(user),
    type: workerType(mapped.get('type')) ?? choices.unknownType,
    groups: [...new Set(groups)].sort(),
    fields: Object.fromEntries(fields),
    attributes: otherAttributes(user, config),
    ...(manager !== undefined && { manager }),
    ...(startAt !== undefined && { startAt: instantOf(startAt, 'start') }),
    ...(endAt !== undefined && { endAt: instantOf(endAt, 'end') }),
    ownedUpstream: isSynchronised(config, user.userPartitionID),
  };
}

/** First value of every attribute that the configuration does not map. */
function otherAttributes(user: OtdsObject, config: OtdsConfig): Record<string, string> {
  const taken = new Set(Object.values(config.attributes).map((name) => name.toLowerCase()));
  const names = (user.values ?? []).map((entry) => entry.name);
  const others = names.filter((name) => !taken.has(name.toLowerCase()) && !HIDDEN.has(name.toLowerCase()));
  return Object.fromEntries(
    others.map((name) => [name, attribute(user, name) ?? ''] as const).filter(([, text]) => text !== ''),
  );
}
