import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startStandIn } from './standIn.ts';
import type { Definition, Entry, FaultPlan, Json } from './types.ts';

type Accounts = { accounts: Record<string, { sum: number; secret: string }> };

/** A product whose work takes a moment: additions to accounts, and their removal. */
const accounts: Definition<Accounts> = {
  system: 'accounts',
  version: '1',
  seed: () => ({ accounts: {} }),
  async handle(req, ctx) {
    ctx.caller(req.headers['x-caller'] ?? 'nobody');
    await pause(Number(req.body) % 3); // others come in between
    const id = req.segments[0] ?? '';
    const before = ctx.state.accounts[id] ?? null;
    if (req.method === 'DELETE') {
      delete ctx.state.accounts[id];
      if (before) ctx.write({ object: 'account', id, before: { ...before }, after: null });
      return { status: before ? 204 : 404 };
    }
    const after = { sum: (before?.sum ?? 0) + Number(req.body), secret: `s${req.body}` };
    ctx.state.accounts[id] = after;
    ctx.write({ object: 'account', id, before, after: { ...after } });
    return { status: 200, body: after };
  },
  collections: (state) => ({ accounts: state.accounts }),
  secretKeys: ['secret'],
  errorBody: (status, message) => ({ status, error: message }),
};

const WRITERS = 50;
const EACH = 20;

/** The state that the ledger tells of; fails where an effect does not begin with what the one before it left. */
function told(entries: readonly Entry[]): Map<string, Json> {
  const state = new Map<string, Json>();
  for (const { seq, writes } of entries) {
    for (const { id, before, after } of writes) {
      expect([seq, id, before]).toEqual([seq, id, state.get(id) ?? null]);
      if (after === null) state.delete(id);
      else state.set(id, after);
    }
  }
  return state;
}

test('the ledger tells the final state exactly, whatever 50 writers at once and planned faults do', async () => {
  const standIn = await startStandIn(accounts, { port: 0, controlPort: 0 });
  const control = async (path: string, body?: FaultPlan): Promise<Record<string, unknown>> => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    return (await (await fetch(`${standIn.control}${path}`, init)).json()) as Record<string, unknown>;
  };
  const kinds = [
    { kind: 'lostReply' },
    { kind: 'reset' },
    { kind: 'status', status: 503 },
    { kind: 'truncate', bytes: 3 },
    { kind: 'delay', ms: 5 },
    { kind: 'html' },
  ] as const;
  for (const [seed, fault] of kinds.entries()) await control('/faults', { chance: 0.05, seed, fault });

  const answered = { done: 0, not: 0 };
  const writer = async (who: number): Promise<void> => {
    for (let n = 0; n < EACH; n++) {
      const method = (who + n) % 7 === 0 ? 'DELETE' : 'POST';
      const init = { method, body: String(who + n), headers: { 'x-caller': `writer ${who}` } };
      try {
        await (await fetch(`${standIn.url}/a${(who * n) % 10}`, init)).text();
        answered.done += 1;
      } catch {
        answered.not += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, who) => writer(who)));

  const { entries } = (await control('/ledger')) as { entries: Entry[] };
  expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: WRITERS * EACH }, (_, i) => i + 1));
  expect(entries.filter((entry) => !entry.replied)).toHaveLength(answered.not);
  expect(answered.not).toBeGreaterThan(0);
  const instead = entries.filter(({ fault }) => /"(reset|status|html)"/.test(JSON.stringify(fault)));
  expect(instead.flatMap((entry) => entry.writes)).toEqual([]);
  const state = (await control('/state/accounts')) as Accounts['accounts'];
  const shown = Object.entries(state).map(([id, { sum }]) => [id, { sum, secret: 'set' }]);
  expect(Object.fromEntries(told(entries))).toEqual(Object.fromEntries(shown));
  await standIn.close();
});
