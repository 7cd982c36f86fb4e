import type { Decision } from './decision.ts';
import type { Desired, DesiredEntitlement, DesiredTarget, Grant } from './desired.ts';
import type { Person } from './person.ts';

/** Small builders for tests; nothing in the product imports this file. */

export const approval = { group: 'Security Approvers@staff', withinMs: 3, remindMs: 1, distinct: true } as const;

export function person(over: Partial<Person> = {}): Person {
  return {
    uuid: 'u-ada',
    login: 'ada.byrne',
    partition: 'staff',
    who: 'ada.byrne@staff',
    state: 'active',
    type: 'employee',
    groups: [],
    fields: { email: 'ada.byrne@northwind.example' },
    attributes: {},
    ownedUpstream: false,
    ...over,
  };
}

export function grant(rule: string, demand: number, over: Partial<Grant> = {}): Grant {
  return { rule, demand, digest: `digest of ${rule}`, onFailure: 'continue', ...over };
}

export function entitlement(key: string, grants: readonly Grant[], until?: string): DesiredEntitlement {
  return { key, grants, ...(until === undefined ? {} : { until }) };
}

export function target(entitlements: readonly DesiredEntitlement[], over: Partial<DesiredTarget> = {}): DesiredTarget {
  return { account: 'active', whenUnused: 'disable', profile: {}, entitlements, ...over };
}

export function desired(targets: Record<string, DesiredTarget>, over: Partial<Desired> = {}): Desired {
  return {
    number: 1,
    person: person(),
    standing: 'active',
    targets,
    conflicts: [],
    policyDigest: 'p',
    digest: 'd',
    ...over,
  };
}

export function decision(id: number, over: Partial<Decision> & Pick<Decision, 'kind'>): Decision {
  return { id, version: id, by: 'grace.lee@staff', reason: 'test', at: '2026-11-01T00:00:00.000Z', ...over };
}
