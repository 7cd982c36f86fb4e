import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type { Brake } from '../domain/brakes.ts';
import type { Managed } from '../domain/change.ts';
import type { Person } from '../domain/person.ts';
import { formatProblem, type Problem } from '../config/yamlFile.ts';
import { evaluate, type Evaluated } from './evaluate.ts';
import type { Freeze, Policy } from './policy.ts';
import { readPolicy } from './read.ts';
import type { Catalogue } from './systems.ts';

/** The policy as the engine uses it. */
export type PolicyInForce = {
  managed: Managed;
  brakes: readonly Brake[];
  /** Present: all writes stop but urgent revocations. */
  freeze?: Freeze;
  policy: Policy;
  /** What the policy says of a person. */
  evaluate(person: Person): Evaluated;
};

export type HolderOptions = {
  file: string;
  /** Names that must exist; absent: names are checked for their form only. */
  catalogue?: Catalogue;
  /** Where the text of the last good policy is kept, so that a restart with a bad file finds it. Absent: nowhere. */
  lastGood?: string;
};

/** No good policy at all: nothing may be done. */
export class PolicyError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'PolicyError';
    this.problems = problems;
  }
}

/**
 * Holds the last good policy. A newer file that is bad changes nothing but `problems`, until it is mended. The file is looked at when the policy is
 * asked for, never on a timer. @throws {PolicyError} from the constructor when there is no good policy to begin with.
 */
export class PolicyHolder {
  private readonly options: HolderOptions;
  private seen = '';
  private inForce: PolicyInForce | undefined;
  private found: readonly Problem[] = [];

  constructor(options: HolderOptions) {
    this.options = options;
    this.refresh();
    if (!this.inForce) this.fallBack();
    if (!this.inForce) throw new PolicyError(this.found);
  }

  /** The policy in force; takes up a newer good file first. */
  current(): PolicyInForce {
    this.refresh();
    if (!this.inForce) throw new PolicyError(this.found);
    return this.inForce;
  }

  /** Mistakes of the newest file; empty when it is the one in force. */
  get problems(): readonly Problem[] {
    return this.found;
  }

  /** Reads the file again if it changed. True: another policy is in force now. */
  refresh(): boolean {
    const { file } = this.options;
    let text: string;
    try {
      const { mtimeMs, size, ino } = statSync(file);
      const state = `${mtimeMs} ${size} ${ino}`;
      if (state === this.seen) return false;
      text = readFileSync(file, 'utf8');
      this.seen = state;
    } catch {
      this.seen = '';
      this.found = [
        { file, line: 1, column: 1, message: 'The policy file cannot be read; the last good policy stays in force.' },
      ];
      return false;
    }
    const read = readPolicy(text, file, this.options.catalogue);
    if ('problems' in read) {
      this.found = read.problems;
      return false;
    }
    this.found = [];
    if (read.policy.digest === this.inForce?.policy.digest) return false;
    this.inForce = use(read.policy);
    this.keep(text);
    return true;
  }

  /** Aside, then renamed: a reader never sees half of it. A folder that cannot be written costs the fall-back, not the policy. */
  private keep(text: string): void {
    const { lastGood } = this.options;
    if (lastGood === undefined) return;
    try {
      const aside = `${lastGood}.${process.pid}`;
      writeFileSync(aside, text, { mode: 0o600 });
      renameSync(aside, lastGood);
    } catch {
      // The policy is good and in force all the same.
    }
  }

  private fallBack(): void {
    const { lastGood, catalogue } = this.options;
    if (lastGood === undefined) return;
    try {
      const read = readPolicy(readFileSync(lastGood, 'utf8'), lastGood, catalogue);
      if ('policy' in read) this.inForce = use(read.policy);
    } catch {
      // Nothing was kept: the problems of the file itself are what counts.
    }
  }
}

function use(policy: Policy): PolicyInForce {
  return {
    managed: policy.managed,
    brakes: policy.brakes,
    ...(policy.freeze === undefined ? {} : { freeze: policy.freeze }),
    policy,
    evaluate: (person) => evaluate(policy, person),
  };
}
