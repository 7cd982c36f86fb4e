import { expect, test } from '@jest/globals';
import { Checks } from './checks.ts';
import type { Seen } from './witness.ts';

const seen: Seen = { otds: ['open'], iconik: ['ACTIVE', 'role X'], cloudinary: [], exstream: [], ftp: [], push: [] };

test('the same facts in any order hold; systems that nothing is claimed of are left out', () => {
  const checks = new Checks();
  checks.everywhere('Nora', 'at the end', seen, { iconik: ['role X', 'ACTIVE'], otds: ['open'] });
  checks.same('Nora', 'at the end', 'the run', 'done', 'done');
  expect(checks.held()).toBe(true);
  expect(checks.table().split('\n')).toEqual([
    'check  who   when        system   what it says',
    'held   Nora  at the end  otds     open',
    'held                     iconik   ACTIVE; role X',
    'held                     the run  done',
  ]);
});

test.each([
  ['a fact too many', { iconik: ['ACTIVE'] }],
  ['a fact too few', { otds: ['open', 'group Y'] }],
  ['a system that does not run', { ftp: ['on no list'] }],
])('%s breaks it, and the table shows what was expected', (_, expected) => {
  const checks = new Checks();
  checks.everywhere('Nora', 'at the end', { ...seen, ftp: ['does not run here'] }, expected);
  expect(checks.held()).toBe(false);
  expect(checks.table()).toMatch(/^BROKEN .*\(expected /m);
});

test('nothing checked is nothing held', () => {
  expect(new Checks().held()).toBe(false);
});
