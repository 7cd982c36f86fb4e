/** S1 to S7 of the protocol: each interleaving is forced through pause points of the engine and gates in the target. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import type { ConvergeSummary } from '../../src/activities/types.ts';
import { EngineError } from '../../src/provisioning/engine.ts';
import { comparePass } from '../../src/provisioning/watch.ts';
import { gate, person, refusedForGood } from '../support/fakes.ts';
import { openRig, RULES, type Rig, type RigOptions } from '../support/rig.ts';
import { freshDatabase } from '../support/server.ts';
import { until } from '../support/until.ts';

const ADA = 'ada.byrne@staff';
const EDITOR = { groups: ['Editors@staff'] };
const ADMIN = { groups: ['Editors@staff', 'Admins@staff'] };
const X = 'alpha:team/x';
const Y = 'alpha:team/y';

/** Intents land within a test; leases end when a test says so. */
const SHORT = { settings: { leaseMs: 60_000, landingMarginMs: 1_000 }, describe: { requestLimitMs: 1_000 } };

let rig: Rig;
let url: string;

async function open(options: RigOptions): Promise<Rig> {
  ({ url } = await freshDatabase());
  return await openRig({ ...options, url });
}

/** Ends every lease now, as if its holder had been silent for long. */
async function expireLeases(): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("update tenure.lease set expires_at = clock_timestamp() - interval '1 second'");
  await client.end();
}
beforeEach(async () => {
  rig = await open(SHORT);
  rig.directory.set(person(ADA, EDITOR), person('grace.lee@staff', { groups: ['Approvers@staff'] }));
});
afterEach(() => rig.close());

/** Sweeps until nothing is unproved: what the watch does in every pass. Fails when it never ends (S7). */
async function settle(): Promise<void> {
  await until('everything to be proved', async () => {
    await rig.sweep();
    return (await rig.ledger.unproved({ limit: 100, onlyActionable: false })).length === 0;
  });
}

/** Converges as another attempt would once the lease has run out. */
async function whenFree(who: string, target: string): Promise<ConvergeSummary> {
  await expireLeases();
  return await rig.converge(who, target);
}

async function approve(): Promise<void> {
  const noted = await rig.ledger.note((await rig.ledger.personByWho(ADA))!);
  const grant = noted.previous!.targets['alpha']!.entitlements.find((e) => e.key === Y)!.grants[0]!;
  await rig.ledger.decide(`uuid-${ADA}`, {
    kind: 'approve',
    by: 'grace.lee@staff',
    reason: 'ok',
    rule: grant.rule,
    demand: grant.demand,
    digest: grant.digest,
    entitlements: [Y],
  });
}

describe('S1: when all is quiet, actual = due on every target', () => {
  test('a run terminated between resolve and converge is finished by the sweep', async () => {
    await rig.resolve(ADA);
    await settle();
    expect(rig.alpha.of(ADA)).toEqual({ state: 'present', held: [X] });
    expect(rig.beta.of(ADA)).toEqual({ state: 'present', held: ['beta:team/x'] });
  });

  test('a leaver’s run terminated right after it resolved is finished by the sweep', async () => {
    await rig.resolve(ADA);
    await settle();
    rig.directory.change(ADA, { state: 'disabled' });
    await rig.resolve(ADA);
    await settle();
    expect(rig.alpha.of(ADA)).toEqual({ state: 'disabled', held: [] });
    expect(rig.beta.of(ADA)).toEqual({ state: 'disabled', held: [] });
  });

  test('a change that the watch saw and whose run came to nothing is seen again', async () => {
    await rig.resolve(ADA);
    rig.directory.change(ADA, { state: 'disabled' });
    for (const pass of [1, 2]) {
      const seen = await comparePass(rig.deps, rig.attempt(), async () => false);
      expect([pass, seen.start.find((s) => s.person === ADA)?.type]).toEqual([pass, 'offboarding']);
    }
    await rig.resolve(ADA);
    const after = await comparePass(rig.deps, rig.attempt(), async () => false);
    expect(after.start.find((s) => s.person === ADA)).toBeUndefined();
  });

  test('a decision that expires with nobody awake takes its access with it', async () => {
    rig.directory.change(ADA, ADMIN);
    await rig.resolve(ADA);
    const noted = await rig.ledger.note((await rig.ledger.personByWho(ADA))!);
    const grant = noted.previous!.targets['alpha']!.entitlements.find((e) => e.key === Y)!.grants[0]!;
    const endsAt = new Date(Date.now() + 700).toISOString();
    await rig.ledger.decide(`uuid-${ADA}`, {
      kind: 'approve',
      by: 'grace.lee@staff',
      reason: 'for a moment',
      rule: grant.rule,
      demand: grant.demand,
      digest: grant.digest,
      endsAt,
    });
    await rig.converge(ADA, 'alpha');
    expect(rig.alpha.of(ADA)?.held).toEqual([X, Y]);
    await until('the sweep to see the expiry', async () => {
      await rig.sweep();
      return rig.alpha.of(ADA)?.held.join() === X;
    });
  });
});

/** A slow attempt: it has written its intent to grant x, its lease has run out, its call has not landed. */
async function slowGrant(): Promise<{ land: () => void; ended: Promise<unknown> }> {
  await rig.resolve(ADA);
  const hold = gate();
  let caught = false;
  rig.alpha.gate = async (change) => {
    if (change !== `grant ${X}` || caught) return;
    caught = true;
    await hold.pass();
  };
  const deaf = rig.with({ at: async () => {} }, { deaf: true });
  const ended = deaf.converge(ADA, 'alpha', 'slow').catch((error: unknown) => error);
  await hold.reached;
  return { land: hold.open, ended };
}

describe('S2: after a leaver is proved disabled nothing enables again unnoticed; no proof is false at the end', () => {
  test('a slow attempt that lands after another read "empty" leaves no false proof', async () => {
    const slow = await slowGrant();
    rig.directory.change(ADA, { state: 'disabled' });
    await rig.resolve(ADA);
    const other = await whenFree(ADA, 'alpha');
    expect(other).toMatchObject({ state: 'provisional', again: expect.any(String) });
    slow.land();
    expect(await slow.ended).toMatchObject({ code: 'LEASE_LOST' });
    expect(rig.alpha.of(ADA)?.held).toEqual([X]);
    await settle();
    expect(rig.alpha.of(ADA)).toEqual({ state: 'disabled', held: [] });
  });

  test('the sweep does not come back before the older attempt may no longer land', async () => {
    const slow = await slowGrant();
    rig.directory.change(ADA, { state: 'disabled' });
    await rig.resolve(ADA);
    await whenFree(ADA, 'alpha');
    const actionable = await rig.ledger.unproved({ limit: 10, onlyActionable: true });
    expect(actionable.map((p) => p.target)).not.toContain('alpha');
    slow.land();
    await slow.ended;
    await settle();
  });

  test('no intent without a live lease: a slow attempt that has not asked yet may not write', async () => {
    await rig.resolve(ADA);
    const hold = gate();
    const slow = rig.with(
      { at: async (point) => (point === 'converge.intent' ? await hold.pass() : undefined) },
      { deaf: true },
    );
    const ended = slow.converge(ADA, 'alpha', 'slow').catch((error: unknown) => error);
    await hold.reached;
    // Nothing moves on meanwhile: the lease alone must stop it.
    expect(await whenFree(ADA, 'alpha')).toMatchObject({ state: 'proved' });
    const effects = [...rig.alpha.effects];
    hold.open();
    expect(await ended).toMatchObject({ code: 'LEASE_LOST' });
    expect(rig.alpha.effects).toEqual(effects);
  });

  test('no proof without a live lease: a late reading is stored as late and proves nothing', async () => {
    await rig.resolve(ADA);
    await rig.converge(ADA, 'alpha');
    const hold = gate();
    const slow = rig.with(
      { at: async (point) => (point === 'converge.proof' ? await hold.pass() : undefined) },
      { deaf: true },
    );
    const ended = slow.converge(ADA, 'alpha', 'slow').catch((error: unknown) => error);
    await hold.reached;
    await whenFree(ADA, 'alpha');
    hold.open();
    expect(await ended).toMatchObject({ code: 'LEASE_LOST' });
    expect((await rig.ledger.unproved({ limit: 10, onlyActionable: false })).map((p) => p.target)).toContain('alpha');
    await settle();
  });

  test('a target that reads late is only believed after its lag', async () => {
    await rig.close();
    rig = await open({
      ...SHORT,
      describe: { requestLimitMs: 300, readLagMs: 2_000 },
      settings: { leaseMs: 60_000, landingMarginMs: 200 },
    });
    rig.directory.set(person(ADA, EDITOR));
    const slow = await slowGrant();
    rig.directory.change(ADA, { state: 'disabled' });
    await rig.resolve(ADA);
    const before = rig.alpha.actual(`alpha-uuid-${ADA}`);
    await expireLeases();
    slow.land();
    await slow.ended;
    // The effect is there; reads still show what was before it.
    rig.alpha.stale = () => ({ ...before, account: 'disabled' });
    const landed = await rig.ledger.changes({ person: `uuid-${ADA}`, target: 'alpha', limit: 10 });
    const mayLandUntil = landed
      .map((c) => c.mayLandUntil)
      .sort()
      .at(-1)!;
    await until('mayLandUntil to pass, the lag not', async () => new Date().toISOString() > mayLandUntil);
    expect(await whenFree(ADA, 'alpha')).toMatchObject({ state: 'provisional' });
    rig.alpha.stale = undefined;
    await settle();
    expect(rig.alpha.of(ADA)).toEqual({ state: 'disabled', held: [] });
  });

  describe('a change that was made', () => {
    const late = async (readLagMs: number): Promise<void> => {
      await rig.close();
      rig = await open({ ...SHORT, describe: { requestLimitMs: 300, readLagMs } });
      rig.directory.set(person(ADA, EDITOR));
      rig.alpha.put(ADA, 'present', [], { email: 'ada.byrne@northwind.example' });
      await rig.resolve(ADA);
    };

    test('is not made again while a late read may hide it, by this attempt or the next', async () => {
      await late(60_000);
      const before = rig.alpha.actual(`alpha-uuid-${ADA}`);
      rig.alpha.stale = () => before;
      expect(await rig.converge(ADA, 'alpha')).toMatchObject({ state: 'provisional', applied: [`grant ${X}`] });
      expect(await whenFree(ADA, 'alpha')).toMatchObject({ state: 'provisional', applied: [] });
      expect(rig.alpha.effects.map(({ change }) => change)).toEqual([`grant ${X}`]);
    });

    test('and undone by somebody else is made again after the lag', async () => {
      await late(300);
      expect(await rig.converge(ADA, 'alpha')).toMatchObject({ state: 'proved' });
      rig.alpha.accounts.get(`alpha-uuid-${ADA}`)?.held.delete(X);
      rig.directory.change(ADA, { groups: [...EDITOR.groups, 'Others@staff'] });
      await rig.resolve(ADA);
      await whenFree(ADA, 'alpha');
      await settle();
      expect(rig.alpha.of(ADA)).toEqual({ state: 'present', held: [X] });
    });
  });
});

describe('S3: nothing privileged without a decision for this demand', () => {
  test('approved, left, rejoined: the old approval does not count', async () => {
    rig.directory.change(ADA, ADMIN);
    await rig.resolve(ADA);
    await rig.converge(ADA, 'alpha');
    expect(rig.alpha.of(ADA)?.held).toEqual([X]);
    await approve();
    await rig.converge(ADA, 'alpha');
    expect(rig.alpha.of(ADA)?.held).toEqual([X, Y]);
    rig.directory.change(ADA, { state: 'disabled' });
    await rig.resolve(ADA);
    await rig.converge(ADA, 'alpha');
    rig.directory.change(ADA, { state: 'active' });
    await rig.resolve(ADA);
    const back = await rig.converge(ADA, 'alpha');
    expect(rig.alpha.of(ADA)).toEqual({ state: 'present', held: [X] });
    expect(back.waiting).toEqual([{ entitlement: Y, rule: 'admins', why: 'approval' }]);
    await approve();
    await rig.converge(ADA, 'alpha');
    expect(rig.alpha.of(ADA)?.held).toEqual([X, Y]);
  });

  test('an intent planned before a rejection is refused after it', async () => {
    rig.directory.change(ADA, ADMIN);
    await rig.resolve(ADA);
    await rig.converge(ADA, 'alpha');
    await approve();
    const hold = gate();
    const slow = rig.with({
      at: async (point, where) =>
        point === 'converge.intent' && where.change === `grant ${Y}` ? await hold.pass() : undefined,
    });
    const ended = slow.converge(ADA, 'alpha');
    await hold.reached;
    const grant = (await rig.ledger.note((await rig.ledger.personByWho(ADA))!)).previous!.targets[
      'alpha'
    ]!.entitlements.find((e) => e.key === Y)!.grants[0]!;
    await rig.ledger.decide(`uuid-${ADA}`, {
      kind: 'reject',
      by: 'grace.lee@staff',
      reason: 'no',
      rule: grant.rule,
      demand: grant.demand,
      digest: grant.digest,
    });
    hold.open();
    await ended;
    expect(rig.alpha.effects.map((e) => e.change)).not.toContain(`grant ${Y}`);
  });
});

describe('S4: undo removes nothing that the newest desired demands and leaves nothing that no one wants', () => {
  test('a half-done rule is taken back by a withholding and an ordinary converge', async () => {
    await rig.close();
    const rules = [
      ...RULES,
      { name: 'pair', group: 'Pair@staff', grant: ['alpha:team/p', 'alpha:team/q'], onFailure: 'undo' as const },
    ];
    rig = await open({ ...SHORT, rules });
    rig.directory.set(person(ADA, { groups: ['Editors@staff', 'Pair@staff'] }));
    rig.alpha.fail = (c) =>
      'entitlement' in c && c.op === 'grant' && c.entitlement === 'alpha:team/q' ? refusedForGood('alpha') : undefined;
    await rig.resolve(ADA);
    const done = await rig.converge(ADA, 'alpha');
    expect(done).toMatchObject({ state: 'proved', failed: [{ what: 'grant alpha:team/q', then: 'undone' }] });
    expect(rig.alpha.of(ADA)).toEqual({ state: 'present', held: [X] });
  });

  test('what another rule demands meanwhile stays', async () => {
    await rig.close();
    const rules = [
      ...RULES,
      { name: 'pair', group: 'Pair@staff', grant: ['alpha:team/p', 'alpha:team/q'], onFailure: 'undo' as const },
      { name: 'also-p', group: 'Also@staff', grant: ['alpha:team/p'] },
    ];
    rig = await open({ ...SHORT, rules });
    rig.directory.set(person(ADA, { groups: ['Pair@staff'] }));
    rig.alpha.fail = (c) =>
      'entitlement' in c && c.op === 'grant' && c.entitlement === 'alpha:team/q' ? refusedForGood('alpha') : undefined;
    await rig.resolve(ADA);
    const hold = gate();
    const slow = rig.with({
      at: async (point, where) =>
        point === 'converge.applied' && where.change === 'grant alpha:team/q' ? await hold.pass() : undefined,
    });
    const ended = slow.converge(ADA, 'alpha');
    await hold.reached;
    rig.directory.change(ADA, { groups: ['Pair@staff', 'Also@staff'] });
    await rig.resolve(ADA);
    hold.open();
    await ended;
    await settle();
    expect(rig.alpha.of(ADA)?.held).toEqual(['alpha:team/p']);
    expect(rig.alpha.effects.filter((e) => e.change === 'revoke alpha:team/p')).toEqual([]);
  });

  test('granted, killed before its record: the retry sees no difference and still proves it', async () => {
    await rig.resolve(ADA);
    const slow = rig.with({
      at: async (point, where) => {
        if (point === 'converge.applied' && where.change === `grant ${X}`)
          throw new EngineError('KILLED', 'killed here', { retryable: true });
      },
    });
    await expect(slow.converge(ADA, 'alpha', 'run-1')).rejects.toMatchObject({ code: 'KILLED' });
    await settle();
    expect(rig.alpha.of(ADA)?.held).toEqual([X]);
    expect(rig.alpha.effects.filter((e) => e.change === `grant ${X}`)).toHaveLength(1);
  });
});

describe('S5: old truth never wins', () => {
  test('a directory read that was overtaken is thrown away and read again', async () => {
    const hold = gate();
    let once = false;
    const slow = rig.with({
      at: async (point) => {
        if (point !== 'resolve.read' || once) return;
        once = true;
        await hold.pass();
      },
    });
    await rig.resolve(ADA);
    rig.directory.change(ADA, ADMIN);
    const old = slow.resolve(ADA);
    await hold.reached;
    rig.directory.change(ADA, { state: 'disabled' });
    await rig.resolve(ADA);
    await rig.converge(ADA, 'alpha');
    hold.open();
    expect((await old).desired.standing).toBe('leaver');
    await settle();
    expect(rig.alpha.of(ADA)?.state ?? 'none').not.toBe('present');
  });

  test('an intent planned from an older desired is refused, and planned again under the same lease', async () => {
    await rig.resolve(ADA);
    const hold = gate();
    const slow = rig.with({
      at: async (point, where) =>
        point === 'converge.intent' && where.change === `grant ${X}` ? await hold.pass() : undefined,
    });
    const ended = slow.converge(ADA, 'alpha');
    await hold.reached;
    rig.directory.change(ADA, { state: 'disabled' });
    await rig.resolve(ADA);
    hold.open();
    expect((await ended).account).toBe('disabled');
    expect(rig.alpha.effects.map((e) => e.change)).not.toContain(`grant ${X}`);
  });
});

describe('S6: a slow attempt’s effect is always found', () => {
  test('it lands after another proof was written as provisional, and dies without a record', async () => {
    await rig.resolve(ADA);
    const hold = gate();
    rig.alpha.gate = async (change) => (change === `grant ${X}` ? await hold.pass() : undefined);
    const deaf = rig.with(
      {
        at: async (point, where) =>
          point === 'converge.applied' && where.change === `grant ${X}` ? await new Promise(() => {}) : undefined,
      },
      { deaf: true },
    );
    void deaf.converge(ADA, 'alpha', 'slow').catch(() => {});
    await hold.reached;
    rig.directory.change(ADA, { state: 'disabled' });
    await rig.resolve(ADA);
    expect(await whenFree(ADA, 'alpha')).toMatchObject({ state: 'provisional' });
    hold.open();
    await until('the slow effect', async () => rig.alpha.of(ADA)?.held.includes(X));
    await settle();
    expect(rig.alpha.of(ADA)).toEqual({ state: 'disabled', held: [] });
  });
});

describe('S7: no lease stuck, no sweep for ever', () => {
  test('a revocation that a rejoin made pointless is closed as overtaken', async () => {
    await rig.resolve(ADA);
    await settle();
    rig.directory.change(ADA, { state: 'disabled' });
    await rig.resolve(ADA);
    rig.directory.change(ADA, { state: 'active' });
    await rig.resolve(ADA);
    await settle();
    const sweeps = await rig.sweep();
    expect(sweeps.taken).toBe(0);
    expect(rig.alpha.of(ADA)).toEqual({ state: 'present', held: [X] });
  });

  test('a dead attempt’s lease ends by itself and its own retry takes it back at once', async () => {
    await rig.resolve(ADA);
    const dead = rig.with(
      { at: async (point) => (point === 'converge.leased' ? await new Promise(() => {}) : undefined) },
      { deaf: true, settings: { leaseMs: 60_000 } },
    );
    void dead.converge(ADA, 'alpha', 'run-1').catch(() => {});
    await until('the lease to be held', async () => {
      try {
        await rig.converge(ADA, 'alpha', 'other');
        return false;
      } catch (error) {
        return error instanceof EngineError && error.code === 'LEASE_HELD';
      }
    });
    expect(await rig.converge(ADA, 'alpha', 'run-1')).toMatchObject({ state: 'proved' });
  });
});
