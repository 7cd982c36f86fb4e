import { expect, test } from '@jest/globals';
import type { Change } from '../domain/change.ts';
import { Landed } from './landed.ts';

const create: Change = { op: 'create', profile: { email: 'ada@northwind.example' } };
const grant: Change = { op: 'grant', entitlement: 'iconik:team/Marketing' };
const revoke: Change = { op: 'revoke', entitlement: 'iconik:team/Legal' };

test('without a read lag everything planned is made', () => {
  const landed = new Landed(0);
  landed.note(grant);
  expect(landed.sift([grant], [])).toEqual({ changes: [grant], unshown: false });
});

test('what was made within the lag is left out, by this attempt or an earlier one; its opposite is made', () => {
  const landed = new Landed(60_000);
  landed.note(grant);
  const back: Change = { op: 'revoke', entitlement: grant.entitlement };
  expect(landed.sift([grant, revoke], [])).toEqual({ changes: [revoke], unshown: true });
  expect(landed.sift([revoke], [revoke])).toEqual({ changes: [], unshown: true });
  expect(landed.sift([back], [])).toEqual({ changes: [back], unshown: false });
});

test('an urgent disable is another change than the one before it', () => {
  const disable: Change = { op: 'disable', profile: {} };
  const urgent: Change = { ...disable, urgent: true };
  expect(new Landed(60_000).sift([urgent], [disable])).toEqual({ changes: [urgent], unshown: false });
});

test('while a new account does not show, nothing is granted to it; taking away goes on', () => {
  expect(new Landed(60_000).sift([create, grant, revoke], [create])).toEqual({ changes: [revoke], unshown: true });
});
