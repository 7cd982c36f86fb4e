import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  desired,
  expire,
  openBench,
  somebody,
  store,
  T,
  take,
  target,
  X,
  Y,
  type Bench,
} from '../../test/support/ledger.ts';
import type { PersonRef } from '../domain/person.ts';
import type { Lease } from './types.ts';

let bench: Bench;
let ada: PersonRef;
let ben: PersonRef;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
beforeEach(async () => {
  ada = somebody('ada.byrne');
  ben = somebody('ben.otto');
  for (const person of [ada, ben]) await store(bench.a, person, desired(person, { [T]: target([X]) }));
});

describe('rule 7 for a page', () => {
  test('each lease is taken by itself, under a fence of its own; a busy one is named and left', async () => {
    const { lease } = await take(bench.a, { person: ben.uuid, target: T }, 'a run');
    const page = await bench.b.acquirePage(T, [ada.uuid, ben.uuid], 'the sweep', 60_000, 0);
    expect(page.get(ben.uuid)).toMatchObject({ ok: false, holder: 'a run' });
    expect(page.get(ada.uuid)).toMatchObject({
      ok: true,
      lease: { holder: 'the sweep', fence: 1 },
      state: { number: 1 },
    });
    await bench.a.release(lease);
    const again = await bench.b.acquirePage(T, [ada.uuid, ben.uuid], 'the sweep', 60_000, 0);
    expect(again.get(ada.uuid)).toMatchObject({ ok: true, lease: { fence: 2 } });
    expect(again.get(ben.uuid)).toMatchObject({ ok: true, lease: { fence: lease.fence + 1 } });
  });

  test('one statement renews what is still held; what ran out or was taken again is lost', async () => {
    const page = await bench.a.acquirePage(T, [ada.uuid, ben.uuid], 'the sweep', 60_000, 0);
    const leases = [...page.values()].flatMap((one): Lease[] => (one.ok ? [one.lease] : []));
    expect(await bench.a.renewPage(leases, 60_000)).toEqual(new Set([ada.uuid, ben.uuid]));
    await expire(bench, leases[0]!);
    expect((await bench.a.renewPage(leases, 60_000)).size).toBe(1);
    await bench.a.acquirePage(T, [ada.uuid, ben.uuid], 'the sweep', 60_000, 0);
    expect(await bench.a.renewPage(leases, 60_000)).toEqual(new Set());
    expect(await bench.a.renewPage([], 60_000)).toEqual(new Set());
  });
});

describe('whose an account may be', () => {
  test('the person it is linked to, else everybody without an account who has one of its natural keys', async () => {
    const twin = { ...somebody('a.byrne'), partition: 'contractors', who: 'a.byrne@contractors' };
    for (const person of [ada, twin]) {
      const said = desired(person, { [T]: target([X, Y]) });
      await store(bench.a, person, {
        ...said,
        digest: `mail ${person.who}`,
        person: { ...said.person, fields: { email: ' Ada@x.example' } },
      });
    }
    await bench.a.saveLink(
      { person: ben.uuid, target: T },
      { nativeId: `n-${ben.uuid}`, how: 'created', by: 'tenure' },
    );
    const owners = await bench.a.owners(T, [
      { nativeId: `n-${ben.uuid}`, email: 'ada@x.example' },
      { nativeId: 'loose', email: 'ada@x.example' },
      { nativeId: 'by id', id: ada.uuid },
      { nativeId: 'nobody', email: 'victor@x.example', login: 'victor@staff' },
    ]);
    expect(owners.get(`n-${ben.uuid}`)).toEqual({ linked: true, people: [ben.uuid] });
    expect([...(owners.get('loose')?.people ?? [])].sort()).toEqual([ada.uuid, twin.uuid].sort());
    expect(owners.get('by id')).toEqual({ linked: false, people: [ada.uuid] });
    expect(owners.get('nobody')).toEqual({ linked: false, people: [] });
  });
});

test('everybody whose newest desired names the target, page by page, and the keys that any of them names', async () => {
  const met: string[] = [];
  for (let after = ''; ; after = met.at(-1) ?? '') {
    const page = await bench.a.peopleAfter(T, after, 1);
    if (page.length === 0) break;
    met.push(...page);
  }
  expect(met).toEqual([...new Set(met)].sort());
  expect(met).toEqual(expect.arrayContaining([ada.uuid, ben.uuid]));
  expect(await bench.a.desiredKeys(T)).toEqual(expect.arrayContaining([X, Y]));
  expect(await bench.a.pairStates(T, [ada.uuid], 0)).toMatchObject([{ who: ada.who, state: { number: 1 } }]);
});
