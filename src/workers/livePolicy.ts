import { formatProblem } from '../config/yamlFile.ts';
import type { Logger } from '../log.ts';
import { PolicyError, PolicyHolder } from '../policy/holder.ts';
import type { PolicyInForce } from '../policy/holder.ts';
import type { Directory } from '../systems/port.ts';

export type LivePolicyOptions = {
  file: string;
  /** Keeps the text of the last good policy over restarts. */
  lastGood?: string;
  directory: Pick<Directory, 'groups'>;
  log: Logger;
};

/** The directory's list of groups may take this long; without it names are checked for their form only. */
const LIST_MS = 15_000;

/**
 * The policy in force, held against the groups that the directory really has. A newer file that names an unknown group is refused, and the last good
 * one stays. At the start there may be no last good one: then a group that is missing in the directory is told loudly but does not keep the
 * workers from starting (nobody can be in it, so it grants nothing), because leavers must not wait for it.
 */
export class LivePolicy {
  private readonly options: LivePolicyOptions;
  private holder: PolicyHolder;
  private groups: string | undefined;
  private told = '';

  private constructor(options: LivePolicyOptions, holder: PolicyHolder, groups: string | undefined) {
    this.options = options;
    this.holder = holder;
    this.groups = groups;
  }

  /** @throws {PolicyError} when there is no policy that can be used. */
  static async open(options: LivePolicyOptions): Promise<LivePolicy> {
    const groups = await listed(options);
    let holder: PolicyHolder;
    try {
      holder = hold(options, groups);
    } catch (error) {
      if (!(error instanceof PolicyError) || groups === undefined) throw error;
      holder = hold(options, undefined);
      for (const problem of error.problems)
        options.log.error(
          { problem: formatProblem(problem) },
          'The policy names something that the directory does not have; it grants nothing.',
        );
    }
    return new LivePolicy(options, holder, groups?.join('\n'));
  }

  current(): PolicyInForce {
    const policy = this.holder.current();
    this.tell();
    return policy;
  }

  /** Mistakes of the newest file; empty when it is in force. */
  get problems(): readonly string[] {
    return this.holder.problems.map(formatProblem);
  }

  /** Looks again which groups there are; a file that was refused for a group that exists by now comes into force. */
  async refresh(): Promise<void> {
    const groups = await listed(this.options);
    const now = groups?.join('\n');
    if (groups === undefined || now === this.groups) return;
    this.groups = now;
    try {
      this.holder = hold(this.options, groups);
    } catch (error) {
      // The one in force stays; what is wrong now is told when the file changes, and by `tenure policy check`.
      if (!(error instanceof PolicyError)) throw error;
    }
  }

  private tell(): void {
    const problems = this.problems.join('\n');
    if (problems === this.told) return;
    this.told = problems;
    if (problems !== '')
      this.options.log.error(
        { problems: this.problems },
        'The policy file is refused; the last good policy stays in force. See: tenure policy check',
      );
    else this.options.log.info({ digest: this.holder.current().policy.digest }, 'The policy file is in force.');
  }
}

function hold({ file, lastGood }: LivePolicyOptions, groups: readonly string[] | undefined): PolicyHolder {
  return new PolicyHolder({
    file,
    ...(lastGood === undefined ? {} : { lastGood }),
    ...(groups === undefined ? {} : { catalogue: { groups } }),
  });
}

async function listed({ directory, log }: LivePolicyOptions): Promise<readonly string[] | undefined> {
  try {
    return [...(await directory.groups({ signal: AbortSignal.timeout(LIST_MS) }))].sort();
  } catch (error) {
    log.warn(
      { why: error instanceof Error ? error.message : String(error) },
      'The groups of the directory cannot be listed; group names in the policy are checked for their form only.',
    );
    return undefined;
  }
}
