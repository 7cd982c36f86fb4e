/** Access given and taken: exactly what is due, once, in a safe order. */
import { expect } from '@jest/globals';
import { describeChange } from '../../../src/domain/change.ts';
import type { Listed } from '../../../src/systems/port.ts';
import { driving, type Check } from '../check.ts';
import { call } from '../drive.ts';

const sorted = (keys: readonly string[]): string[] => [...keys].sort();

export const access: readonly Check[] = [
  {
    name: 'a joiner gets exactly what is due, and a second pass changes nothing',
    async run(subject) {
      const drive = await driving(subject);
      const due = subject.bench.joined(drive.person);
      await subject.bench.effects();
      const made = await drive.settle(due);
      expect(await subject.bench.seen(drive.person)).toEqual({ account: 'present', held: sorted(due.entitlements) });
      expect(new Set(made).size).toBe(made.length);
      expect(await subject.bench.effects()).toMatchObject({ needless: 0 });
      const again = await driving(subject, { person: drive.person });
      expect((await again.changes(due)).changes).toEqual([]);
      expect(await subject.bench.effects()).toEqual({ made: 0, needless: 0 });
    },
  },
  {
    name: 'a leaver is closed first and stripped of everything, and can come back',
    async run(subject) {
      const drive = await driving(subject);
      const due = subject.bench.joined(drive.person);
      await drive.settle(due);
      const leaving = await driving(subject, { person: drive.person });
      const made = await leaving.settle(subject.bench.left(drive.person));
      const closing = made.indexOf('disable account');
      if (closing >= 0) expect(closing).toBe(0);
      expect(await subject.bench.seen(drive.person)).toEqual({ account: subject.bench.goneAccount, held: [] });
      await leaving.settle(due);
      expect(await subject.bench.seen(drive.person)).toEqual({ account: 'present', held: sorted(due.entitlements) });
    },
  },
  {
    name: 'the same change twice is one effect and no error',
    async run(subject) {
      const drive = await driving(subject);
      for (const due of [subject.bench.joined(drive.person), subject.bench.left(drive.person)]) {
        for (;;) {
          const { actual, changes } = await drive.changes(due);
          const [change] = changes;
          if (!change) break;
          await subject.bench.effects();
          const first = await drive.apply(change, actual);
          expect(first.outcome).toBe('done');
          const once = await subject.bench.effects();
          const repeat = await driving(subject, { person: drive.person });
          await repeat.find();
          expect((await repeat.apply(change, actual)).outcome).toBe('done');
          expect({ change: describeChange(change), ...(await subject.bench.effects()) }).toMatchObject({ made: 0 });
          expect(once.made).toBeGreaterThan(0);
        }
      }
    },
  },
  {
    name: 'what somebody else gave or took between read and write is found and mended',
    async run(subject) {
      const drive = await driving(subject);
      const due = subject.bench.joined(drive.person);
      const { actual, changes } = await drive.changes(due);
      for (const change of changes) if (!('entitlement' in change)) await drive.apply(change, actual);
      const given = due.entitlements.at(-1);
      if (given === undefined) throw new Error('The bench grants nothing.');
      const before = await drive.changes(due);
      await subject.bench.byHand(drive.person, given, true);
      for (const change of before.changes) expect((await drive.apply(change, before.actual)).outcome).toBe('done');
      await subject.bench.byHand(drive.person, given, false);
      expect((await drive.changes(due)).changes.map(describeChange)).toContain(`grant ${given}`);
      await drive.settle(due);
      expect((await subject.bench.seen(drive.person)).held).toEqual(sorted(due.entitlements));
      const leaving = await drive.changes(subject.bench.left(drive.person));
      await subject.bench.byHand(drive.person, given, false);
      for (const change of leaving.changes) expect((await drive.apply(change, leaving.actual)).outcome).toBe('done');
      await drive.settle(subject.bench.left(drive.person));
      expect((await subject.bench.seen(drive.person)).held).toEqual([]);
    },
  },
  {
    name: 'everybody who has an account is listed once, page by page, with what a read shows',
    async run(subject) {
      const drive = await driving(subject);
      const due = subject.bench.joined(drive.person);
      await drive.settle(due);
      const listed = new Map<string, Listed>();
      let page: string | undefined;
      do {
        const { items, next } = await drive.target.list(page, subject.bench.managed, call);
        for (const item of items) {
          expect(listed.has(item.nativeId)).toBe(false);
          listed.set(item.nativeId, item);
        }
        expect(next === undefined || next !== page).toBe(true);
        page = next;
      } while (page !== undefined);
      const { warnings: _, ...read } = await drive.read({ ...due, entitlements: [] });
      const { warnings: _none, ...row } = listed.get(drive.account.nativeId ?? '')?.actual ?? {};
      expect(row).toEqual(read);
    },
  },
];
