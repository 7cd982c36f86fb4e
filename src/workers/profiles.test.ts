import { expect, test } from '@jest/globals';
import type { TenureConfig } from '../config/types.ts';
import type { Person } from '../domain/person.ts';
import { profilesOf } from './profiles.ts';

const person: Person = {
  uuid: 'u',
  login: 'ada.byrne',
  partition: 'staff',
  who: 'ada.byrne@staff',
  state: 'active',
  type: 'employee',
  groups: [],
  fields: { email: 'ada.byrne@northwind.example', region: 'EMEA' },
  attributes: { givenName: 'Ada' },
  ownedUpstream: false,
};

test('an account’s attributes come from fields, directory attributes and constants; what is missing is not written', () => {
  const profile = {
    email: 'email',
    first_name: 'attributes.givenName',
    last_name: 'attributes.sn',
    type: '=STANDARD',
    note: 'who',
    phone: 'phone',
  };
  const config = { systems: { iconik: { profile } } } as unknown as TenureConfig; // the rest is not looked at
  expect(profilesOf(config)(person)).toEqual({
    iconik: { email: 'ada.byrne@northwind.example', first_name: 'Ada', type: 'STANDARD', note: 'ada.byrne@staff' },
  });
});
