import { expect, test } from '@jest/globals';
import { judgeBrakes } from './brakes.ts';

const brake = { windowMs: 3_600_000, revokes: { count: 50, percent: 5 }, onTrip: 'hold' } as const;

test.each([
  ['below both', { revokes: 10, people: 3, total: 1000 }, 5, false],
  ['exactly the count', { revokes: 45, people: 3, total: 1000 }, 5, false],
  ['above the count', { revokes: 46, people: 3, total: 1000 }, 5, true],
  ['exactly the share of people', { revokes: 4, people: 14, total: 300 }, 1, false],
  ['above the share of people', { revokes: 5, people: 15, total: 300 }, 1, true],
  ['above the share, but only ten people', { revokes: 5, people: 9, total: 20 }, 1, false],
  ['above the share, the eleventh of them', { revokes: 5, people: 10, total: 20 }, 1, true],
  ['nothing planned, though already above', { revokes: 500, people: 90, total: 100 }, 0, false],
  ['nobody known yet', { revokes: 0, people: 0, total: 0 }, 1, false],
])('%s', (_name, window, planned, trip) => {
  expect(judgeBrakes([brake], window, planned).trip).toBe(trip);
});

test('says which limit, with numbers; no brakes never trip', () => {
  expect(judgeBrakes([brake], { revokes: 50, people: 1, total: 1000 }, 3).why).toBe(
    "53 revocations within 60 minutes, more than the brake's 50.",
  );
  expect(judgeBrakes([], { revokes: 9999, people: 99, total: 100 }, 3).trip).toBe(false);
});
