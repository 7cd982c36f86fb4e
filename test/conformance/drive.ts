import { describeChange, type Actual, type Change, type Due, type Managed } from '../../src/domain/change.ts';
import { planFor } from '../../src/provisioning/planFor.ts';
import type { Person } from '../../src/domain/person.ts';
import type { AccountRef, Applied, ApplyContext, CallContext, Target } from '../../src/systems/port.ts';
import type { ConformanceBench } from './bench.ts';

const unending = new AbortController().signal;
export const call: CallContext = { signal: unending };
export const applyCall = (signal: AbortSignal = unending): ApplyContext => ({
  signal,
  withSharedObject: async (_object, work) => await work(),
});

/** Reads, plans and applies as the engine does, through the port alone. */
export class Drive {
  readonly bench: ConformanceBench;
  readonly target: Target;
  readonly account: AccountRef;
  private readonly managed: Managed;

  constructor(bench: ConformanceBench, target: Target, person: Person) {
    this.bench = bench;
    this.target = target;
    this.account = { person };
    this.managed = { managed: bench.managed, protected: [] };
  }

  get person(): Person {
    return this.account.person;
  }

  /** The account by the target's natural keys, as the engine links it; none: not there yet. */
  async find(): Promise<void> {
    if (this.account.nativeId !== undefined) return;
    const [found, ...others] = await this.target.find(this.person, call);
    if (others.length > 0) throw new Error('More than one account was found for somebody new.');
    if (found) this.account.nativeId = found.nativeId;
  }

  async read(due: Due, context: CallContext = call): Promise<Actual> {
    await this.find();
    if (this.account.nativeId === undefined) return { account: 'absent', profile: {}, held: [], warnings: [] };
    return await this.target.read(this.account, [...this.bench.managed, ...due.entitlements], context);
  }

  async changes(due: Due): Promise<{ actual: Actual; changes: readonly Change[] }> {
    const actual = await this.read(due);
    return {
      actual,
      changes: planFor(this.target.describe(), due, actual, this.managed, { mode: 'apply', person: this.person.who })
        .changes,
    };
  }

  async apply(change: Change, actual: Actual, context: ApplyContext = applyCall()): Promise<Applied> {
    const applied = await this.target.apply(this.account, change, actual, context);
    if (applied.nativeId !== undefined) this.account.nativeId = applied.nativeId;
    return applied;
  }

  /** Reads and applies until nothing differs, as often as the engine would; answers what was applied, in order. */
  async settle(due: Due): Promise<string[]> {
    const made: string[] = [];
    for (let pass = 0; pass < 6; pass++) {
      const { actual, changes } = await this.changes(due);
      if (changes.length === 0) return made;
      for (const change of changes) {
        const { outcome } = await this.apply(change, actual);
        made.push(describeChange(change));
        // After an unclear outcome the engine reads before anything else.
        if (outcome === 'unknown') break;
      }
    }
    throw new Error(`The target still differs after 6 passes: ${made.join(', ')}`);
  }
}
