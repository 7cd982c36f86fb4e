import { expect, test } from '@jest/globals';
import { profileFor } from './profile.ts';
import { person } from './testing.ts';

test('fields, directory attributes and constants; what the person lacks is left out', () => {
  const who = person({ attributes: { givenName: 'Ada', sn: '' }, manager: 'grace.lee@staff' });
  const mapping = {
    email: 'email',
    first_name: 'attributes.givenName',
    last_name: 'attributes.sn',
    phone: 'phone',
    type: '=STANDARD',
    boss: 'manager',
    id: 'who',
  };
  expect(profileFor(mapping, who)).toEqual({
    email: 'ada.byrne@northwind.example',
    first_name: 'Ada',
    type: 'STANDARD',
    boss: 'grace.lee@staff',
    id: 'ada.byrne@staff',
  });
});
