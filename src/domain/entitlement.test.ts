import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  formatEntitlement,
  isProtectedKey,
  isProtectedPerson,
  kindOf,
  matches,
  parseEntitlement,
  restOf,
  systemOf,
} from './entitlement.ts';

describe('keys', () => {
  test.each([
    ['iconik:team/Marketing', { system: 'iconik', kind: 'team', name: 'Marketing' }],
    ['iconik:team/Unit Brand', { system: 'iconik', kind: 'team', name: 'Unit Brand' }],
    [
      'iconik:collection/Marketing/Spots#write',
      { system: 'iconik', kind: 'collection', name: 'Marketing/Spots', level: 'write' },
    ],
    [
      'otds:group/Media Library Users@staff',
      { system: 'otds', kind: 'group', name: 'Media Library Users', scope: 'staff' },
    ],
    ['exstream:role/designer@*', { system: 'exstream', kind: 'role', name: 'designer', scope: '*' }],
    [
      'cloudinary:folder/campaigns/EMEA#contributor@prod',
      { system: 'cloudinary', kind: 'folder', name: 'campaigns/EMEA', level: 'contributor', scope: 'prod' },
    ],
    ['iconik:team/Team #1', { system: 'iconik', kind: 'team', name: 'Team #1' }],
    ['otds:group/R@D@staff', { system: 'otds', kind: 'group', name: 'R@D', scope: 'staff' }],
  ])('%s', (key, parts) => {
    expect(parseEntitlement(key)).toEqual(parts);
    expect(formatEntitlement(parts)).toBe(key);
  });

  test.each([
    '',
    'iconik',
    'iconik:team',
    'iconik:team/',
    'team/Marketing',
    'iconik:team/ x',
    'iconik:team/x ',
    'iconik:folder/a//b',
    'iconik:team/a\nb',
    'Iconik:team/x',
  ])('no key: "%s"', (key) => {
    expect(parseEntitlement(key)).toBeUndefined();
  });

  test('parts without parsing', () => {
    expect([systemOf('otds:role/x'), kindOf('otds:role/x/y'), restOf('otds:role/x/y@z')]).toEqual([
      'otds',
      'role',
      'x/y@z',
    ]);
  });

  test('whatever parses is written back the same', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 30, unit: fc.constantFrom('a', 'b', '#', '@', '/', ' ', '*', 'é', '1') }),
        (rest) => {
          const parsed = parseEntitlement(`sys:kind/${rest}`);
          if (parsed) expect(formatEntitlement(parsed)).toBe(`sys:kind/${rest}`);
        },
      ),
    );
  });
});

describe('patterns', () => {
  test.each([
    ['iconik:team/*', 'iconik:team/Unit Brand', true],
    ['iconik:team/*', 'iconik:roles/Editor', false],
    ['iconik:folder/*', 'iconik:folder/a/b', false],
    ['iconik:folder/**', 'iconik:folder/a/b#read', true],
    ['iconik:folder/a/*', 'iconik:folder/a/b', true],
    ['exstream:role/*@*', 'exstream:role/designer', false],
    ['exstream:role/*@*', 'exstream:role/designer@Marketing', true],
    ['iconik:team/Dept (.*)', 'iconik:team/Dept (x)', false],
    ['iconik:team/Dept (*)', 'iconik:team/Dept (x)', true],
    ['iconik:team/A', 'iconik:team/a', false],
  ])('%s and %s: %s', (pattern, key, expected) => {
    expect(matches(pattern, key)).toBe(expected);
  });

  test('protection without a level covers every level', () => {
    expect(isProtectedKey(['iconik:collection/Vault'], 'iconik:collection/Vault#write')).toBe(true);
    expect(isProtectedKey(['iconik:collection/Vault#write'], 'iconik:collection/Vault#read')).toBe(false);
  });

  test('people are protected in any case, and only by person patterns', () => {
    expect(isProtectedPerson(['person:break-glass@otds.admin'], 'Break-Glass@OTDS.admin')).toBe(true);
    expect(isProtectedPerson(['person:*@otds.admin'], 'root@otds.admin')).toBe(true);
    expect(isProtectedPerson(['iconik:team/*'], 'ada.byrne@staff')).toBe(false);
  });
});
