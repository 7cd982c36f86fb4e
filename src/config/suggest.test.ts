import { expect, test } from '@jest/globals';
import { editDistance, suggest } from './suggest.ts';

test.each([
  ['grnt', ['grant', 'grace', 'name'], 'grant'],
  ['Marketing Editor@staff', ['Marketing Editors@staff', 'Media Admins@staff'], 'Marketing Editors@staff'],
  ['MARKETING  EDITORS@staff', ['Marketing Editors@staff'], 'Marketing Editors@staff'],
  ['when_unused', ['whenUnused', 'grace'], 'whenUnused'],
  ['zzz', ['grant', 'grace'], undefined],
  ['x', [], undefined],
])('%s among %j: %s', (given, candidates, expected) => {
  expect(suggest(given, candidates)).toBe(expected);
});

test('a swap of neighbours is one step', () => {
  expect([editDistance('graec', 'grace'), editDistance('', 'abc'), editDistance('same', 'same')]).toEqual([1, 3, 0]);
});
