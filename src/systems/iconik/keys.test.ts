import { describe, expect, test } from '@jest/globals';
import { collectionKey, Interest, levelOf, parseKey, permissionsOf, teamKey } from './keys.ts';

describe('entitlement keys', () => {
  test.each([
    'Marketing',
    'R&D / Lab',
    'a#read',
    'who@where',
    '100% *best*',
    'Øre "x" \\ \n',
    '#',
    'team/iconik:team/x',
  ])('a team called %j survives the way into a key and back', (name) => {
    expect(parseKey(teamKey(name))).toEqual({ kind: 'team', name });
  });

  test('the level of a collection is what follows the last #', () => {
    expect(parseKey(collectionKey('Marketing/Spots #read 1', 'change-acl'))).toEqual({
      kind: 'collection',
      path: 'Marketing/Spots #read 1',
      level: 'change-acl',
    });
  });

  test.each([
    'iconik:collection/Marketing',
    'iconik:collection/Marketing#admin',
    'iconik:team/',
    'iconik:squad/x',
    'otds:team/x',
    'iconik:share/',
  ])('%s is not an entitlement of iconik', (key) => {
    expect(parseKey(key)).toBeUndefined();
  });

  test('a level is written with all below it', () => {
    expect(permissionsOf('read')).toEqual(['read']);
    expect(permissionsOf('delete')).toEqual(['read', 'write', 'delete']);
  });

  test('a row counts as its highest permission, never as less', () => {
    expect(levelOf(['read', 'delete'])).toBe('delete');
    expect(levelOf(['write'])).toBe('write');
    expect(levelOf([])).toBeUndefined();
    expect(levelOf(['print'])).toBeUndefined();
  });
});

describe('interest', () => {
  test('names only what it names', () => {
    const interest = new Interest(['iconik:team/*', 'iconik:collection/Marketing#read']);
    expect(interest).toMatchObject({ walk: false, shares: false, namedPaths: ['Marketing'] });
    expect(interest.names('iconik:collection/Marketing#read')).toBe(true);
    expect(interest.names('iconik:team/x')).toBe(false);
  });

  test.each(['iconik:**', 'iconik:collection/**', 'iconik:*/**', 'iconik:collection/Mark*#read', '**'])(
    '%s walks collections',
    (pattern) => {
      expect(new Interest([pattern]).walk).toBe(true);
    },
  );

  test('a pattern below one collection leaves the others out', () => {
    const interest = new Interest(['iconik:collection/Marketing/**']);
    expect(interest.collection('Marketing/Spots')).toBe(true);
    expect(interest.collection('Legal')).toBe(false);
  });

  test.each([
    ['iconik:share/*', true],
    ['iconik:**', true],
    ['iconik:share/123', true],
    ['iconik:team/**', false],
    ['cloudinary:share/*', false],
  ])('own shares matter for %s: %s', (pattern, matters) => {
    expect(new Interest([pattern]).shares).toBe(matters);
  });
});
