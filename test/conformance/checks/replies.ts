/** What comes over the wire besides faults: fields of tomorrow, people with odd names, credentials that end, secrets. */
import { expect } from '@jest/globals';
import type { FaultEffect } from '../../../sandbox/common/types.ts';
import { driving, refusal, type Check } from '../check.ts';

/** Names that have broken systems: quotes, markup, patterns, paths, other scripts, both directions, composed marks, length. */
const HOSTILE: readonly string[] = [
  `O'Brien "Bob" <b>&amp;`,
  "Robert'); DROP TABLE users;--",
  '*)(uid=*))(|(uid=*',
  '../../etc/passwd%00%2e%2e/',
  '=cmd|"/c calc"!A1, +1; -1, @x',
  'Zoë Ångström Łukasz',
  '山田 太郎',
  'שלום مرحبا',
  'é (composed) e\u0301 (marks)',
  '😀 ${person.groups} {{x}} %s %d',
  'comma, semicolon; tab-less \\ back/slash #1',
  'n'.repeat(120),
];

/** Faults after which clients like to tell what they had sent or got. */
const LOUD: readonly FaultEffect[] = [
  { kind: 'reset' },
  { kind: 'html' },
  { kind: 'truncate', bytes: 9 },
  { kind: 'status', status: 400 },
  { kind: 'status', status: 500 },
];

export const replies: readonly Check[] = [
  {
    name: 'fields that nobody knows yet are no trouble',
    applies: ({ faults }) => faults.includes('html'),
    async run(subject) {
      const drive = await driving(subject, { unknownFields: true });
      const due = subject.bench.joined(drive.person);
      await drive.settle(due);
      expect((await subject.bench.seen(drive.person)).held).toEqual([...due.entitlements].sort());
      await drive.settle(subject.bench.left(drive.person));
      expect((await subject.bench.seen(drive.person)).held).toEqual([]);
    },
  },
  ...HOSTILE.map((name): Check => ({
    name: `somebody called ${name.slice(0, 40)} is a person like any other`,
    async run(subject) {
      const person = await subject.bench.newcomer({ given: name, family: name });
      const drive = await driving(subject, { person });
      const due = subject.bench.joined(person);
      await drive.settle(due);
      expect(await subject.bench.seen(person)).toEqual({ account: 'present', held: [...due.entitlements].sort() });
      const again = await driving(subject, { person });
      expect((await again.changes(due)).changes).toEqual([]);
      await again.settle(subject.bench.left(person));
      expect((await subject.bench.seen(person)).held).toEqual([]);
    },
  })),
  {
    name: 'credentials that end in the middle are renewed, and nothing is made twice',
    applies: ({ expires }) => expires === true,
    async run(subject) {
      const drive = await driving(subject);
      const due = subject.bench.joined(drive.person);
      const { actual, changes } = await drive.changes(due);
      await subject.bench.effects();
      for (const change of changes) {
        await subject.bench.expire?.();
        expect((await drive.apply(change, actual)).outcome).toBe('done');
      }
      await subject.bench.expire?.();
      expect((await drive.changes(due)).changes).toEqual([]);
      expect(await subject.bench.effects()).toMatchObject({ needless: 0 });
    },
  },
  {
    name: 'credentials that are refused are an error that says so; it can be tried again when somebody mended them',
    async run(subject) {
      const person = await subject.bench.newcomer();
      const drive = await driving(subject, { person, wrongSecret: true });
      const error = await refusal(
        drive
          .read(subject.bench.joined(person))
          .then(() => drive.target.find(person, { signal: AbortSignal.timeout(10_000) })),
      );
      expect(error.message.length).toBeGreaterThan(20);
      const probe = await drive.target.probe({ signal: AbortSignal.timeout(10_000) });
      expect(probe.credentials).toBe(false);
      expect(probe.problems.length).toBeGreaterThan(0);
    },
  },
  {
    name: 'no secret stands in an error, a log line or a probe',
    async run(subject) {
      const shown: string[] = [];
      const keep = async (work: Promise<unknown>): Promise<void> => {
        const outcome: unknown = await work.catch((error: unknown) => error);
        shown.push(JSON.stringify(outcome));
        if (outcome instanceof Error) shown.push(outcome.message, outcome.stack ?? '', String(outcome.cause));
      };
      const person = await subject.bench.newcomer();
      const due = subject.bench.joined(person);
      for (const wrongSecret of [false, true]) {
        const drive = await driving(subject, { person, wrongSecret, requestMs: 700 });
        for (const fault of LOUD.filter(({ kind }) => subject.traits.faults.includes(kind))) {
          for (const on of ['read', 'write'] as const) {
            await subject.bench.plan({ on, times: 2, fault });
            await keep(drive.settle(due));
            await subject.bench.clear();
          }
        }
        await keep(drive.target.probe({ signal: AbortSignal.timeout(10_000) }));
      }
      const all = `${shown.join('\n')}\n${subject.bench.logged()}`;
      for (const secret of subject.bench.secrets) expect(all.includes(secret)).toBe(false);
    },
  },
];
