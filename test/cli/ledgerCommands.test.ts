import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PersonRef } from '../../src/domain/person.ts';
import {
  actual,
  desired,
  grantX,
  intended,
  openBench,
  proof,
  somebody,
  store,
  T,
  take,
  target,
  X,
  Y,
} from '../support/ledger.ts';
import type { Bench } from '../support/ledger.ts';
import { tenure } from './cli.ts';

let bench: Bench;
let ada: PersonRef;
let soren: PersonRef;
const env = () => ({ DATABASE_URL: bench.url });

beforeAll(async () => {
  bench = await openBench();
  ada = somebody();
  soren = somebody('søren.åkesson');
  await store(bench.a, ada, desired(ada, { [T]: target([X]) }));
  await bench.a.saveLink({ person: ada.uuid, target: T }, { nativeId: 'user-1', how: 'email', by: 'tenure' });
  const held = await take(bench.a, { person: ada.uuid, target: T }, 'a run');
  const change = await intended(bench.a, held, grantX);
  await bench.a.prove(proof(held, actual([X]), { settle: [{ change, outcome: 'applied' }] }));
  await store(bench.a, soren, desired(soren, { [T]: target([X, Y]) }));
  await bench.a.decide(soren.uuid, {
    kind: 'withhold',
    by: 'grace.lee@staff',
    reason: 'until the audit',
    rule: 'marketing',
    demand: 1,
  });
  await bench.a.hold({
    id: 'leavers-1',
    kind: 'leavers',
    reason: '2 leavers in one pass',
    items: [{ id: 'i1', who: ada.who, what: 'offboarding' }],
  });
});

afterAll(() => bench.close());

describe('tenure person', () => {
  test('tells desired, proofs, links, decisions and timeline', async () => {
    const { code, out } = await tenure(env(), 'person', 'ada.byrne@staff');
    expect(code).toBe(0);
    expect(out).toContain(`ada.byrne@staff (${ada.uuid})`);
    expect(out).toMatch(/Desired 1: active\n {2}iconik: account active\n {4}iconik:team\/Marketing by marketing/);
    expect(out).toMatch(/iconik\s+proved\s+present/);
    expect(out).toMatch(/iconik\s+user-1\s+email/);
    expect(out).toContain('grant iconik:team/Marketing');
  });

  test('with --json has every part', async () => {
    const { json } = await tenure(env(), 'person', 'søren.åkesson@staff', '--json');
    expect(json()).toMatchObject({
      person: { who: 'søren.åkesson@staff', uuid: soren.uuid },
      desired: { number: 1, standing: 'active' },
      pairs: [{ target: T, proved: false, newest: 1 }],
      decisions: [{ kind: 'withhold', by: 'grace.lee@staff' }],
      openRuns: [],
      timeline: expect.arrayContaining([expect.objectContaining({ kind: 'desired' })]),
    });
  });

  test('of somebody unknown says so, and whom it may mean', async () => {
    expect(await tenure(env(), 'person', 'ada.byrn@staff')).toMatchObject({
      code: 1,
      out: '',
      err: 'The ledger knows nobody called ada.byrn@staff. Did you mean ada.byrne@staff?\n',
    });
    expect((await tenure(env(), 'person', 'zzz@nowhere')).err).toMatch(
      /^The ledger knows nobody called zzz@nowhere\. People are written login@partition/,
    );
  });
});

describe('tenure changes', () => {
  test('lists them with outcome and proof', async () => {
    const { out } = await tenure(env(), 'changes');
    expect(out).toMatch(/ada\.byrne@staff {2}iconik {2}grant iconik:team\/Marketing {2}applied {2}20\d\d-/);
    const { json } = await tenure(
      env(),
      'changes',
      '--person',
      'ada.byrne@staff',
      '--target',
      'iconik',
      '--since',
      '1h',
      '--json',
    );
    expect(json()).toMatchObject({
      changes: [{ who: 'ada.byrne@staff', change: grantX, outcome: 'applied', provedAt: expect.any(String) }],
    });
  });

  test('only what was asked for', async () => {
    expect((await tenure(env(), 'changes', '--person', 'søren.åkesson@staff')).out).toBe('No changes.\n');
    expect((await tenure(env(), 'changes', '--since', '2999-01-01', '--json')).json()).toEqual({ changes: [] });
    expect((await tenure(env(), 'changes', '--target', 'otds')).out).toBe('No changes.\n');
  });

  test.each([
    ['--since', 'yesterday', 'It must be a date'],
    ['--limit', '0', 'It must be a whole number from 1.'],
  ])('refuses %s %s with code 2', async (option, value, sentence) => {
    const { code, err } = await tenure(env(), 'changes', option, value);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });
});

describe('tenure pairs', () => {
  test('unproved ones first', async () => {
    const { out } = await tenure(env(), 'pairs');
    const [, first, second] = out.split('\n');
    expect(first).toMatch(/^søren\.åkesson@staff {2}iconik {2}unproved .* 1 \(proved never\)/);
    expect(second).toMatch(/^ada\.byrne@staff {6}iconik {2}proved {4}present/);
  });

  test('--unproved --json has only those', async () => {
    const { json } = await tenure(env(), 'pairs', '--unproved', '--json');
    expect(json()).toEqual({
      pairs: [
        {
          person: soren.uuid,
          who: soren.who,
          target: T,
          proved: false,
          newest: 1,
          since: expect.any(String),
          open: [],
        },
      ],
    });
    expect((await tenure(env(), 'pairs', '--unproved', '--person', 'ada.byrne@staff')).out).toBe(
      'Every pair is proved.\n',
    );
  });

  test('says who works on one', async () => {
    const held = await take(bench.a, { person: soren.uuid, target: T }, 'onboarding/x/1');
    expect((await tenure(env(), 'pairs', '--unproved')).out).toContain('onboarding/x/1 works on it');
    await bench.a.release(held.lease);
  });
});

test('tenure holds: items, and how to release them', async () => {
  const { out } = await tenure(env(), 'holds');
  expect(out).toMatch(/leavers-1 · leavers · since/);
  expect(out).toMatch(/i1 {4}ada\.byrne@staff {2}offboarding {2}held/);
  expect(out).toContain('"release":{"hold":"leavers-1"');
  await bench.a.releaseHold('leavers-1', 'grace.lee@staff', 'checked', []);
  expect((await tenure(env(), 'holds')).out).toBe('Nothing is held.\n');
  expect((await tenure(env(), 'holds', '--all', '--json')).json()).toMatchObject({
    holds: [{ id: 'leavers-1', released: { i1: 'grace.lee@staff' } }],
  });
});

test('a ledger that does not answer is one sentence', async () => {
  const { code, err } = await tenure({ DATABASE_URL: 'postgres://u:hunter22@127.0.0.1:9/x' }, 'pairs');
  expect(code).toBe(1);
  expect(err).toMatch(/^The ledger \(PostgreSQL\) does not answer\. .*\n$/);
  expect(err).not.toContain('hunter22');
});
