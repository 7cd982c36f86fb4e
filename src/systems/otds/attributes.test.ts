import { describe, expect, test } from '@jest/globals';
import type { OtdsConfig } from '../../config/types.ts';
import { instantOf } from '../people.ts';
import { attribute, personOf, stateOf } from './attributes.ts';
import { DEFAULT_CHOICES } from './choices.ts';
import type { OtdsObject } from './shapes.ts';

const config: OtdsConfig = {
  url: 'http://127.0.0.1/otdsws',
  mode: 'enforce',
  partitions: ['staff'],
  synchronised: ['field'],
  attributes: {
    type: 'oTExtraAttr0',
    startAt: 'oTExtraAttr1',
    endAt: 'oTExtraAttr2',
    region: 'oTExtraAttr3',
    unit: 'oTExtraAttr4',
    manager: 'oTExtraAttr5',
    department: 'oTDepartment',
    language: 'preferredLanguage',
    email: 'mail',
  },
  limits: { requestMs: 1000, perSecond: 10, concurrent: 1 },
};

function user(values: Record<string, unknown[]>, more: Partial<OtdsObject> = {}): OtdsObject {
  return {
    uuid: 'u-1',
    name: 'ivy@acme',
    userPartitionID: 'staff',
    id: 'ivy@acme',
    location: 'dn',
    values: Object.entries(values).map(([name, list]) => ({ name, values: list })),
    ...more,
  };
}

describe('dates', () => {
  test.each([
    ['2026-03-01', 'start', '2026-03-01T00:00:00.000Z'],
    ['2026-03-31', 'end', '2026-04-01T00:00:00.000Z'],
    ['2028-02-29', 'end', '2028-03-01T00:00:00.000Z'],
    ['2026-03-31T17:30:00+02:00', 'end', '2026-03-31T15:30:00.000Z'],
    ['2026-03-31T17:30:00Z', 'start', '2026-03-31T17:30:00.000Z'],
  ] as const)('%s as %s is %s', (text, which, expected) => {
    expect(instantOf(text, which)).toBe(expected);
  });

  test.each(['31.03.2026', 'soon', '2026-13-01', '2026-02-30', '03/04/2026', '2026-03-31T17:30:00', '20260331'])(
    '%j is no date and stays as it is, for others to refuse',
    (text) => {
      expect(instantOf(text, 'end')).toBe(text);
    },
  );
});

describe('a person', () => {
  test('has state, fields and the rest from their attributes', () => {
    const person = personOf(
      user({
        oTExtraAttr0: ['Contractor'],
        oTExtraAttr1: ['2026-01-01'],
        oTExtraAttr2: ['2026-06-30'],
        oTExtraAttr3: [' EMEA '],
        oTExtraAttr5: ['grace.lee@staff'],
        mail: ['ivy@acme.example'],
        oTDepartment: [],
        displayName: ['Ivy'],
        userPassword: ['s3cret'],
        oTMemberOf: ['dn'],
        oTExtraAttr9: ['x'],
        __proto__x: ['y'],
      }),
      ['B@staff', 'A@staff', 'B@staff'],
      config,
      DEFAULT_CHOICES,
    );
    expect(person).toEqual({
      uuid: 'u-1',
      login: 'ivy@acme',
      partition: 'staff',
      who: 'ivy@acme@staff',
      state: 'active',
      type: 'contractor',
      groups: ['A@staff', 'B@staff'],
      manager: 'grace.lee@staff',
      startAt: '2026-01-01T00:00:00.000Z',
      endAt: '2026-07-01T00:00:00.000Z',
      fields: { region: 'EMEA', manager: 'grace.lee@staff', email: 'ivy@acme.example' },
      attributes: { displayName: 'Ivy', oTExtraAttr9: 'x', __proto__x: 'y' },
      ownedUpstream: false,
    });
  });

  test('of an unknown type is the least, and of a synchronised partition owned upstream', () => {
    const person = personOf(
      user({ oTExtraAttr0: ['chief'] }, { userPartitionID: 'Field' }),
      [],
      config,
      DEFAULT_CHOICES,
    );
    expect(person).toMatchObject({ type: 'partner', ownedUpstream: true });
  });

  test('is disabled whatever the case of "True", and whether or not also locked', () => {
    expect(stateOf(user({ accountDisabled: ['True'], accountLockedOut: ['true'] }))).toBe('disabled');
    expect(stateOf(user({ accountDisabled: ['false'], accountLockedOut: ['TRUE'] }))).toBe('locked');
    expect(stateOf(user({}))).toBe('active');
  });

  test('attributes are found in any case; what is no text is not there', () => {
    expect(attribute(user({ MAIL: [null, 7, ' a@b '] }), 'mail')).toBe('a@b');
    expect(attribute(user({ mail: [' '] }), 'mail')).toBeUndefined();
  });
});
