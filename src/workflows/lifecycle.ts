import { CancellationScope, condition, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type {
  Ask,
  ConvergeSummary,
  DepartInput,
  Resolved,
  ResolvedTarget,
  RunName,
  RunResult,
  RunType,
} from '../activities/types.ts';
import { ledger, otds, patiently, PRIORITY, target } from './activities.ts';
import { askKey } from './asks.ts';
import { Board } from './board.ts';
import { listen, type Inbox } from './handlers.ts';
import { Notices } from './notices.ts';

/** What ends a wait: the date came, somebody handed in something new, or the run no longer counts. */
export type Woken = 'due' | 'changed' | 'superseded';

type Mode = 'apply' | 'disableOnly';
type Late = { mode: Mode; over: Promise<void> };

/** One open run about one person: the claim, the newest resolve, what was proved, and what came in by signal and update. */
export class Lifecycle {
  readonly type: RunType;
  readonly person: string;
  readonly board: Board;
  readonly inbox: Inbox;
  readonly notices: Notices;
  desired: Resolved | undefined;
  private readonly summaries = new Map<string, ConvergeSummary>();
  private readonly problems = new Set<string>();
  /** Targets that do not answer just now: what is tried there meanwhile. */
  private readonly late = new Map<string, Late>();
  private lateFailure: Error | undefined;

  constructor(type: RunType, person: string) {
    this.type = type;
    this.person = person;
    this.board = new Board(type, person);
    this.notices = new Notices(type, person, this.board, this.summaries);
    this.inbox = listen(this);
  }

  get priority(): number {
    return this.type === 'offboarding' ? PRIORITY.leaver : PRIORITY.person;
  }

  /** Reads directory and policy and stores the desired access. Undefined: another run of this type is open and has been handed the input. */
  async resolve(depart?: DepartInput): Promise<Resolved | undefined> {
    this.board.at('resolving');
    this.inbox.changed = false;
    let replace: RunName | undefined;
    for (;;) {
      const input = { person: this.person, claim: this.type, ...(depart && { depart }), ...(replace && { replace }) };
      const summary = `read ${this.person} from the directory`;
      const result = await patiently(this.board, 'resolve', 'otds', (o) =>
        otds(this.priority).resolvePerson.executeWithOptions({ ...o, summary }, [input]),
      );
      if ('handOver' in result) {
        if (await this.handOver(result.handOver, depart)) return undefined;
        replace = result.handOver;
        continue;
      }
      this.desired = result;
      for (const problem of result.problems) this.problems.add(problem);
      this.board.set('resolve', `desired ${result.number}`, result.why ?? result.standing);
      return result;
    }
  }

  /** Signals the open run; false when the server says that it is closed (its claim is free then). */
  private async handOver(to: RunName, depart: DepartInput | undefined): Promise<boolean> {
    try {
      await getExternalWorkflowHandle(to.workflowId, to.runId).signal('changed', {
        by: workflowInfo().workflowId,
        ...(depart && { depart }),
      });
      this.board.at('handed over');
      this.board.note(`${to.workflowId} is open for ${this.person}: it has this input now.`);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Converges all targets (or some) side by side; each is proved, or says why not and when it is looked at again. Returns when each is done or late:
   * a system that is away keeps nobody from the others, nor from news. `caughtUp` waits for it.
   */
  async converge(mode: Mode = 'apply', only?: readonly ResolvedTarget[]): Promise<void> {
    const targets = only ?? this.known().targets;
    this.board.at(mode === 'apply' ? 'changing' : 'disabling');
    await Promise.all(targets.map((t) => this.doneOrLate(t, mode)));
    if (mode === 'apply' && !this.news()) this.notices.changed(this.desired);
  }

  private async doneOrLate({ target: name, summary }: ResolvedTarget, mode: Mode): Promise<void> {
    const before = this.late.get(name);
    if (before) {
      // What is being tried goes by the newest desired at each try; only stripping must follow closing.
      if (before.mode === 'disableOnly' && mode === 'apply')
        this.goOnLate(
          name,
          mode,
          before.over.then(() => this.convergeOne(name, summary, mode)),
        );
      return;
    }
    let away = (): void => undefined;
    let isAway = false;
    const late = new Promise<void>((resolve) => (away = resolve));
    const work = this.convergeOne(name, summary, mode, () => {
      isAway = true;
      away();
    });
    await Promise.race([work, late]);
    if (isAway) this.goOnLate(name, mode, work);
  }

  private goOnLate(name: string, mode: Mode, work: Promise<void>): void {
    const over = work
      .catch((error: unknown) => {
        this.lateFailure ??= error instanceof Error ? error : new Error(String(error));
      })
      .then(() => {
        if (this.late.get(name)?.over === over) this.late.delete(name);
      });
    this.late.set(name, { mode, over });
  }

  /** Waits for the systems that were late. False: there is news first. */
  async caughtUp(wake = (): boolean => this.news()): Promise<boolean> {
    if (this.late.size > 0) {
      this.board.at('late');
      await condition(() => this.late.size === 0 || wake());
    }
    if (this.late.size > 0) return false;
    const failure = this.lateFailure;
    this.lateFailure = undefined;
    if (failure !== undefined) throw failure;
    return true;
  }

  private async convergeOne(name: string, due: string, mode: Mode, late?: () => void): Promise<void> {
    const { uuid } = this.known();
    const input = { person: this.person, uuid, target: name, mode };
    const summary = `${name}: ${mode === 'apply' ? due : 'disable'}`.slice(0, 190);
    const step = mode === 'apply' ? 'converge' : 'disable';
    this.board.begin(step, name, 'under way');
    for (let round = 0; ; round++) {
      const result = await patiently(
        this.board,
        step,
        name,
        (o) => target(name, this.priority).converge.executeWithOptions({ ...o, summary }, [input]),
        late,
      );
      const soFar = this.remember(result);
      if (mode === 'disableOnly' || result.state !== 'provisional' || !result.again || round === 3) {
        this.board.set(step, name, say(soFar, mode), { attention: mode === 'apply' && result.open.length > 0 });
        return;
      }
      this.board.set(step, name, 'an older attempt may still land; proof due', { due: result.again });
      await this.until(result.again, `${name}: proof due`, () => false);
    }
  }

  /** What several rounds on one target did, together. */
  private remember(now: ConvergeSummary): ConvergeSummary {
    const before = this.summaries.get(now.target);
    const both = (key: 'applied' | 'warnings') => [...new Set([...(before?.[key] ?? []), ...now[key]])];
    const merged = {
      ...now,
      applied: both('applied'),
      warnings: both('warnings'),
      failed: [...(before?.failed ?? []), ...now.failed],
    };
    this.summaries.set(now.target, merged);
    return merged;
  }

  /** Sleeps until an ISO instant (a visible timer), or until `wake` holds. True: the date came. */
  async until(instant: string, summary: string, wake: () => boolean): Promise<boolean> {
    const ms = Date.parse(instant) - Date.now();
    if (ms <= 0) return true;
    return !(await condition(wake, ms, { summary: summary.slice(0, 190) }));
  }

  /** Waits for a date, and wakes for news: level-triggered, so news only means "resolve again". */
  async waitFor(instant: string, stage: string, summary: string): Promise<Woken> {
    this.board.at(stage, instant);
    this.board.set('wait', stage, 'waiting', { due: instant });
    const came = await this.until(instant, summary, () => this.news());
    this.board.set('wait', stage, came ? 'over' : 'interrupted');
    if (this.inbox.superseded) return 'superseded';
    return came ? 'due' : 'changed';
  }

  /** Does a target wait for somebody to say whose account it is? */
  ambiguous(): boolean {
    return [...this.summaries.values()].some((s) => s.ambiguous);
  }

  /** Waits, however long, for a `match` decision (closed by default: nothing is changed meanwhile on that target). */
  async waitForMatch(): Promise<Woken> {
    this.board.at('match');
    await condition(() => this.news());
    return this.inbox.superseded ? 'superseded' : 'changed';
  }

  news(): boolean {
    return this.inbox.changed || this.inbox.superseded !== undefined;
  }

  /** Asks that nobody has decided in this run. */
  openAsks(): Ask[] {
    return (this.desired?.asks ?? []).filter((a) => !this.inbox.verdicts.has(askKey(a)));
  }

  known(): Resolved {
    if (!this.desired) throw new Error('resolve first');
    return this.desired;
  }

  /** Closes the claim and tells the timeline; true when something came in meanwhile and the story must go on. */
  async finish(
    outcome: RunResult['outcome'],
    text: string,
    notices: { to: string; text: string }[] = [],
  ): Promise<RunResult | undefined> {
    const { uuid, number } = this.known();
    await patiently(this.board, 'finish', 'ledger', (o) =>
      ledger(this.priority).finishRun.executeWithOptions({ ...o, summary: `close the run: ${outcome}` }, [
        { person: this.person, uuid, type: this.type, outcome, text, notices },
      ]),
    );
    await this.notices.settled();
    await condition(() => this.inbox.idle());
    if (this.inbox.changed && outcome !== 'superseded') return undefined;
    this.board.at(outcome);
    return this.result(outcome, text, number);
  }

  result(outcome: RunResult['outcome'], text: string, number = this.desired?.number ?? 0): RunResult {
    const decisions = Object.fromEntries([...this.inbox.verdicts.values()].map((v) => [v.item, v.verdict]));
    return {
      person: this.person,
      outcome,
      text,
      number,
      targets: [...this.summaries.values()],
      decisions,
      problems: [...this.problems],
      ...(this.notices.outcomes.length > 0 && { notices: this.notices.outcomes }),
    };
  }

  /** Everything proved and nothing open: the run may say "done". */
  outcome(): 'done' | 'open' {
    const targets = [...this.summaries.values()];
    return targets.every((s) => s.state === 'proved' || s.state === 'nothing') ? 'done' : 'open';
  }

  /** A grant run was cancelled: stop asking, keep what is proved, withhold what is half done, say so. */
  async abandon(): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      if (!this.desired) return;
      await Promise.all([...this.late.values()].map(({ over }) => over));
      this.lateFailure = undefined;
      const { uuid } = this.desired;
      const reason = `cancelled by an operator (${workflowInfo().workflowId})`;
      const done = await patiently(this.board, 'cancel', 'ledger', (o) =>
        ledger(this.priority).abandon.executeWithOptions({ ...o, summary: 'withhold what is undecided or half done' }, [
          { person: this.person, uuid, reason },
        ]),
      );
      await this.converge(
        'apply',
        this.desired.targets.filter((t) => done.targets.includes(t.target)),
      );
      await this.caughtUp(() => false);
      const text =
        done.withheld.length > 0
          ? `Cancelled. Withheld: ${done.withheld.join(', ')}. What was proved stays.`
          : 'Cancelled. Everything was proved; it stays.';
      this.board.note(text);
      await this.finish('open', text);
      this.board.at('cancelled');
    });
  }
}

function say(result: ConvergeSummary, mode: Mode): string {
  if (mode === 'disableOnly') return result.account === 'present' ? `still ${result.account}` : 'disabled';
  const did = result.applied.length > 0 ? result.applied.join(', ') : 'nothing to change';
  if (result.state === 'proved') return `proved: ${did}`;
  if (result.state === 'provisional') return `proof due at ${result.again ?? 'a later sweep'}`;
  return result.open.length > 0 ? `${result.state}: ${result.open.join('; ')}` : result.state;
}
