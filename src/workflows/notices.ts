import { patched } from '@temporalio/workflow';
import type { ConvergeSummary, NoticeKind, NoticeOutcome, Resolved, RunType } from '../activities/types.ts';
import { notices, PRIORITY, reason } from './activities.ts';
import type { Board } from './board.ts';

/** What a run tells people. Each notice goes its own way beside the run and is waited for at its end; none can hold it up or make it fail. */
export class Notices {
  /** What became of each, as far as it is known. */
  readonly outcomes: NoticeOutcome[] = [];
  private readonly type: RunType;
  private readonly person: string;
  private readonly board: Board;
  private readonly summaries: ReadonlyMap<string, ConvergeSummary>;
  private readonly told = new Set<string>();
  private readonly underWay: Promise<void>[] = [];

  constructor(type: RunType, person: string, board: Board, summaries: ReadonlyMap<string, ConvergeSummary>) {
    this.type = type;
    this.person = person;
    this.board = board;
    this.summaries = summaries;
  }

  /** True: somebody can be told. Runs that began before `notify` was there go on without it. */
  goOut(desired: Resolved | undefined): boolean {
    return desired?.notices !== undefined && patched('notify');
  }

  /**
   * Tells what was proved since the last time: a joiner is welcomed first, for anything later they and their manager are told. Nothing proved, nothing
   * told.
   */
  changed(desired: Resolved | undefined): void {
    if (!desired || this.type === 'offboarding' || !this.goOut(desired)) return;
    const welcome = this.type === 'onboarding' && !this.told.has('welcome');
    const changes = this.fresh((what) => what !== 'update account');
    if (welcome && this.hasAccess(desired)) {
      this.told.add('welcome');
      this.send(desired, 'welcome', this.person, changes);
    } else if (changes.length > 0) {
      this.send(desired, 'changed', this.person, changes);
      this.send(desired, 'changed', desired.notices?.manager, changes);
    } else return;
    for (const change of changes) this.told.add(change);
  }

  /** Tells the manager of a leaver, once, that everything is closed. */
  left(desired: Resolved): void {
    if (this.told.has('left') || !this.goOut(desired)) return;
    this.told.add('left');
    const closed = this.fresh((what) => what === 'disable account' || what === 'delete account');
    this.send(desired, 'left', desired.notices?.manager, closed);
  }

  /** Returns when each notice is accepted, or given up. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Proved changes that nobody was told of, `iconik: grant iconik:team/Marketing`. */
  private fresh(counts: (what: string) => boolean): string[] {
    const proved = [...this.summaries.values()].filter(({ state }) => state === 'proved');
    const all = proved.flatMap(({ target, applied }) => applied.filter(counts).map((what) => `${target}: ${what}`));
    return all.filter((change) => !this.told.has(change));
  }

  /** Something is due to the joiner somewhere, and proved. */
  private hasAccess(desired: Resolved): boolean {
    const due = desired.targets.filter(({ summary }) => summary !== 'nothing due');
    return due.some(({ target }) => this.summaries.get(target)?.state === 'proved');
  }

  private send(desired: Resolved, kind: NoticeKind, to: string | undefined, changes: string[]): void {
    if (to === undefined) return;
    const { uuid, number } = desired;
    const input = { person: this.person, uuid, number, kind, to, changes };
    this.board.begin('notice', `${kind}, ${to}`, 'push: not accepted yet');
    const work = notices(PRIORITY.person)
      .notify.executeWithOptions({ summary: `tell ${to}: ${kind}` }, [input])
      .catch((error: unknown): NoticeOutcome => ({ to, kind, state: 'failed', channels: [reason(error)] }))
      .then((outcome) => {
        this.outcomes.push(outcome);
        this.board.set('notice', `${kind}, ${to}`, [outcome.state, ...outcome.channels].join('; '));
      });
    this.underWay.push(work);
  }
}
