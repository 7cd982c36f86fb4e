import { describeChange, isRevocation, type Actual, type Change } from '../domain/change.ts';
import { isProtectedKey, matches, systemOf } from '../domain/entitlement.ts';
import type { Owners, PersonPair } from '../ledger/types.ts';
import type { Listed, Page } from '../systems/port.ts';
import { managedTarget } from './converge.ts';
import { dueOf } from './dueOf.ts';
import type { Attempt, EngineDeps } from './engine.ts';
import { planFor } from './planFor.ts';

export type Finding = {
  /**
   * `orphan`: an account of nobody whom the ledger knows. `ambiguous`: several people, or several accounts, fit. `excess`: held or open, and not due.
   * `missing`: due, and not there. `unmanaged`: held outside what the policy manages.
   */
  kind: 'orphan' | 'ambiguous' | 'excess' | 'missing' | 'unmanaged';
  /** Label of the account, where there is one. */
  account?: string;
  /** `login@partition`, where it is clear. */
  person?: string;
  /** The entitlement's key, or `account`. */
  what: string;
  why: string;
};

/** An account that is linked to nobody yet and can be only one person's. */
export type LinkProposal = {
  person: string;
  uuid: string;
  nativeId: string;
  account: string;
  how: 'id' | 'email' | 'login';
};

export type DriftTotals = {
  target: string;
  accounts: number;
  people: number;
  findings: Record<Finding['kind'], number>;
};

/** What one page brought. */
export type DriftPage = { findings: readonly Finding[]; proposals: readonly LinkProposal[]; totals: DriftTotals };

/** People read from the ledger at once, for those without an account. */
const PEOPLE = 500;
const ABSENT: Actual = { account: 'absent', profile: {}, held: [], warnings: [] };

/**
 * One pass over every account of a target and over everybody who should have one: the planner of a run, with bulk reads and without a write. Yields as
 * pages come; kept over the pass are only the people met so far and the accounts that are linked to nobody. A list may lag behind: what a finding says
 * is looked at again by `converge` before anything is changed.
 */
export async function* drift(deps: EngineDeps, target: string, attempt: Attempt): AsyncGenerator<DriftPage> {
  const pass = new DriftPass(deps, target, attempt);
  yield* pass.accounts();
  yield pass.ambiguousPeople();
  yield* pass.peopleWithout();
}

class DriftPass {
  private readonly deps: EngineDeps;
  private readonly target: string;
  private readonly attempt: Attempt;
  private readonly seen = new Set<string>();
  /** Accounts linked to nobody, by the one person they fit. */
  private readonly loose = new Map<string, { row: Listed; pair: PersonPair }[]>();
  private readonly totals: DriftTotals;

  constructor(deps: EngineDeps, target: string, attempt: Attempt) {
    this.deps = deps;
    this.target = target;
    this.attempt = attempt;
    const findings = { orphan: 0, ambiguous: 0, excess: 0, missing: 0, unmanaged: 0 };
    this.totals = { target, accounts: 0, people: 0, findings };
  }

  async *accounts(): AsyncGenerator<DriftPage> {
    const { target } = managedTarget(this.deps, this.target);
    const interest = await this.interest();
    const read = async (page: string | undefined): Promise<Page<Listed>> => {
      this.attempt.signal.throwIfAborted();
      return await target.list(page, interest, { signal: this.attempt.signal });
    };
    for (let coming: Promise<Page<Listed>> | undefined = read(undefined); coming;) {
      const { items, next }: Page<Listed> = await coming;
      // The next page is on its way while this one is judged.
      coming = next === undefined ? undefined : read(next);
      coming?.catch(() => undefined);
      yield this.page(await this.judge(items));
    }
  }

  /** People whom several accounts fit that are linked to nobody; and proposals for those whom only one fits. */
  ambiguousPeople(): DriftPage {
    const findings: Finding[] = [];
    const proposals: LinkProposal[] = [];
    for (const fitting of this.loose.values()) {
      const [only, ...others] = fitting;
      if (!only) continue;
      if (others.length === 0) {
        findings.push(...this.compare(only.pair, only.row.actual, only.row.label));
        proposals.push(proposal(only.row, only.pair));
        continue;
      }
      const why = `${fitting.length} accounts fit ${only.pair.who}: a match decision must say which`;
      for (const { row, pair } of fitting)
        findings.push({ kind: 'ambiguous', account: row.label, person: pair.who, what: 'account', why });
    }
    this.loose.clear();
    return this.page(findings, proposals);
  }

  /** Everybody who should have an account here and was not met. */
  async *peopleWithout(): AsyncGenerator<DriftPage> {
    const { readLagMs } = managedTarget(this.deps, this.target).target.describe();
    for (let after = ''; ;) {
      this.attempt.signal.throwIfAborted();
      const people = await this.deps.ledger.peopleAfter(this.target, after, PEOPLE);
      const last = people.at(-1);
      if (last === undefined) return;
      after = last;
      this.totals.people += people.length;
      // Whoever has an account was compared with it already: most of them, so their states are not read again.
      const without = people.filter((person) => !this.seen.has(person));
      const pairs = without.length > 0 ? await this.deps.ledger.pairStates(this.target, without, readLagMs) : [];
      yield this.page(pairs.flatMap((pair) => this.compare(pair, ABSENT)));
    }
  }

  private async judge(rows: readonly Listed[]): Promise<Finding[]> {
    const { ledger } = this.deps;
    this.totals.accounts += rows.length;
    if (rows.length === 0) return [];
    const owners = await ledger.owners(
      this.target,
      rows.map(({ nativeId, keys }) => ({ nativeId, ...keys })),
    );
    const people = [...new Set([...owners.values()].flatMap((owner) => owner.people))];
    const { readLagMs } = managedTarget(this.deps, this.target).target.describe();
    const pairs = new Map((await ledger.pairStates(this.target, people, readLagMs)).map((pair) => [pair.person, pair]));
    for (const person of people) this.seen.add(person);
    return rows.flatMap((row) => this.judgeOne(row, owners.get(row.nativeId), pairs));
  }

  private judgeOne(row: Listed, owners: Owners | undefined, pairs: ReadonlyMap<string, PersonPair>): Finding[] {
    const fitting = (owners?.people ?? []).flatMap((uuid) => pairs.get(uuid) ?? []);
    const [pair, ...others] = fitting;
    const account = row.label;
    if (!pair) {
      if (isProtectedKey(this.deps.policy().managed.protected, `${this.target}:account/${account}`)) return [];
      return [
        {
          kind: 'orphan',
          account,
          what: 'account',
          why: `nobody whom Tenure knows has this account (${row.actual.account})`,
        },
      ];
    }
    if (others.length > 0) {
      const names = fitting
        .map(({ who }) => who)
        .sort()
        .join(', ');
      return [
        {
          kind: 'ambiguous',
          account,
          what: 'account',
          why: `it may be that of ${names}: a match decision must say whose`,
        },
      ];
    }
    if (owners?.linked) return this.compare(pair, row.actual, account);
    this.loose.set(pair.person, [...(this.loose.get(pair.person) ?? []), { row, pair }]);
    return [];
  }

  private compare({ who, state }: PersonPair, actual: Actual, account?: string): Finding[] {
    const { managed } = this.deps.policy();
    const due = dueOf(state, this.target, this.attempt.now);
    const { changes, left } = planFor(managedTarget(this.deps, this.target).target.describe(), due, actual, managed, {
      mode: 'apply',
      person: who,
    });
    const about = { ...(account !== undefined && { account }), person: who };
    const standing = state.desired?.standing === 'leaver' ? (state.desired.why ?? 'leaver') : undefined;
    return [
      ...changes.map((change): Finding => ({ ...about, ...said(change, standing) })),
      ...left
        .filter((one) => one.why === 'unmanaged' && !one.what.startsWith('grant '))
        .map((one): Finding => ({ ...about, kind: 'unmanaged', what: one.what, why: 'the policy does not manage it' })),
    ];
  }

  /** What is managed here, and what anybody's desired names. */
  private async interest(): Promise<readonly string[]> {
    const { managed } = this.deps.policy().managed;
    const here = managed.filter((pattern) => matches(systemOf(pattern), this.target));
    return [...new Set([...here, ...(await this.deps.ledger.desiredKeys(this.target))])];
  }

  private page(findings: readonly Finding[], proposals: readonly LinkProposal[] = []): DriftPage {
    for (const { kind } of findings) this.totals.findings[kind]++;
    this.attempt.heartbeat(`${this.totals.accounts} accounts compared`);
    return { findings, proposals, totals: structuredClone(this.totals) };
  }
}

function said(change: Change, leaver: string | undefined): Pick<Finding, 'kind' | 'what' | 'why'> {
  const what = 'entitlement' in change ? change.entitlement : 'account';
  if (isRevocation(change)) {
    const held = change.op === 'revoke' ? 'held' : 'open';
    return { kind: 'excess', what, why: leaver ? `${held}, although: ${leaver}` : `${held}, and not due` };
  }
  if (change.op === 'update')
    return { kind: 'missing', what, why: `its profile differs: ${Object.keys(change.profile).sort().join(', ')}` };
  return { kind: 'missing', what, why: `due, but not there: ${describeChange(change)}` };
}

function proposal({ nativeId, label, keys }: Listed, { person, who }: PersonPair): LinkProposal {
  const how = keys.id === person ? 'id' : keys.login === who.toLowerCase() ? 'login' : 'email';
  return { person: who, uuid: person, nativeId, account: label, how };
}
