/** What operators and the schedule do in a seed: passes of the watch, runs by hand, decisions; over all outages. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
  type WorkflowExecutionInfo,
} from '@temporalio/client';
import type { WatchResult } from '../../src/workflows/directoryWatch.ts';
import type { Status } from '../../src/workflows/board.ts';
import { until } from '../support/until.ts';
import type { Hr } from './company.ts';
import type { Devices } from './devices.ts';
import type { LedgerView } from './ledgerView.ts';
import type { RunType, World } from './lives.ts';
import type { Random } from './random.ts';

export type OperatorOptions = { client: Client; ledger: LedgerView; signal: AbortSignal; say: (line: string) => void };

const QUEUE = 'tenure';
/** How long a life waits for something that must come. */
const PATIENCE_MS = 240_000;
const ASKING: RunType[] = ['onboarding', 'roleChange'];

export class Operator {
  readonly #o: OperatorOptions;
  #passes = 0;
  #again = 0;

  constructor(options: OperatorOptions) {
    this.#o = options;
  }

  /** Tries until it works: servers come and go. */
  async #insist<T>(what: string, work: () => Promise<T>): Promise<T> {
    let last: unknown;
    const done = await until(
      what,
      async () => {
        this.#o.signal.throwIfAborted();
        try {
          return { value: await work() };
        } catch (error) {
          last = error;
          await pause(200);
          return undefined;
        }
      },
      PATIENCE_MS,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; last: ${String(last)}`);
    });
    return done.value;
  }

  /** One pass of the watch to its end. */
  async pass(): Promise<WatchResult> {
    const workflowId = `watch/${++this.#passes}`;
    const handle = await this.#insist('a pass to start', () => this.#begin('directoryWatch', workflowId, {}));
    return await this.#insist(
      'a pass to end',
      async () => (await within(this.#o.client, 15_000, () => handle.result())) as WatchResult,
    );
  }

  /** Passes one after the other; one that takes long does not keep the next from starting. */
  watchOn(): { stop: () => Promise<void> } {
    let on = true;
    const open = new Set<Promise<void>>();
    const loop = (async () => {
      while (on && !this.#o.signal.aborted) {
        const one: Promise<void> = this.pass().then(
          () => void open.delete(one),
          () => void open.delete(one),
        );
        open.add(one);
        await Promise.race([one, pause(4_000, undefined, { ref: false })]);
        await pause(1_000, undefined, { ref: false });
        while (open.size > 3 && on) await Promise.race([...open, pause(1_000, undefined, { ref: false })]);
      }
    })();
    return {
      stop: async () => {
        on = false;
        await loop;
      },
    };
  }

  async #begin(type: string, workflowId: string, input: Record<string, unknown>) {
    try {
      return await within(this.#o.client, 5_000, () =>
        this.#o.client.workflow.start(type, {
          workflowId,
          taskQueue: QUEUE,
          args: [input],
          workflowIdConflictPolicy: 'FAIL',
        }),
      );
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return this.#o.client.workflow.getHandle(workflowId);
      throw error;
    }
  }

  world(hr: Hr, devices: Devices, told: Pick<World, 'more' | 'given'> & { requests: () => Promise<number> }): World {
    const { requests, more, given } = told;
    const { ledger } = this.#o;
    return {
      hr,
      given,
      more,
      pause: async (random) => {
        const enough = (await requests()) + random.int(1, 12);
        const atLatest = performance.now() + random.int(300, 4_000);
        while ((await requests()) < enough && performance.now() < atLatest) {
          this.#o.signal.throwIfAborted();
          await pause(100);
        }
      },
      device: async (who, uuid) => {
        await this.#insist(`a device of ${who} to be registered`, () => devices.register(who, uuid));
      },
      start: async (type, who, input = {}, again = false) => {
        const id = `${type}/${who}${again ? `/by hand ${++this.#again}` : ''}`;
        await this.#insist(`${id} to start`, () => this.#begin(type, id, { person: who, ...input }));
      },
      noticed: async (who, what, look) => {
        await this.#insist(`Tenure to notice about ${who}: ${what}`, async () => {
          const desired = await ledger.desired(who);
          if (!desired || !look(desired)) throw new Error('not yet');
        });
      },
      proved: async (who) => {
        await this.#insist(`${who} to be proved`, async () => {
          if (!(await ledger.proved(who))) throw new Error('not yet');
        });
      },
      provedDisabled: async (who) => {
        await this.#insist(`${who} to be proved disabled`, async () => {
          if (!(await ledger.provedDisabled(who))) throw new Error('not yet');
        });
      },
      decide: (who, decision, reason) => this.#decide(who, decision, reason),
    };
  }

  async #decide(who: string, decision: 'approve' | 'reject' | 'withdraw', reason: string): Promise<void> {
    const types: RunType[] = decision === 'withdraw' ? ['offboarding'] : ASKING;
    await this.#insist(`${decision} for ${who}`, async () => {
      for (const run of await this.#openRuns(who))
        if (types.some((type) => type === run.type) && (await this.#decideAt(run, decision, reason))) return;
      if (decision === 'withdraw')
        await this.#begin('offboarding', `offboarding/${who}`, {
          person: who,
          by: 'grace.lee@staff',
          reason: 'gave notice',
        });
      throw new Error('nobody asks yet');
    });
  }

  /** As an operator finds them: whatever their ids. */
  async #openRuns(who: string): Promise<WorkflowExecutionInfo[]> {
    const { client } = this.#o;
    const found: WorkflowExecutionInfo[] = [];
    await within(client, 5_000, async () => {
      const query = `Person="${who}" AND ExecutionStatus="Running"`;
      for await (const run of client.workflow.list({ query })) found.push(run);
    });
    return found;
  }

  /** True: taken. The update's id makes a repeat harmless when the reply was lost. */
  async #decideAt({ workflowId, runId }: WorkflowExecutionInfo, decision: string, reason: string): Promise<boolean> {
    const { client } = this.#o;
    const handle = client.workflow.getHandle(workflowId, runId);
    try {
      if (decision !== 'withdraw') {
        const now = await within(client, 3_000, () => handle.query<Status>('status'));
        if (!now.rows.some((row) => row.step === 'approval' && row.state.startsWith('waits'))) return false;
      }
      const item = decision === 'withdraw' ? {} : { item: 'media-library-admin' };
      const input = { decision, by: 'grace.lee@staff', reason, ...item };
      const updateId = `${decision} ${reason} ${runId}`;
      await within(client, 15_000, () => handle.executeUpdate('decide', { args: [input], updateId }));
      this.#o.say(`${decision} at ${workflowId} (${reason})`);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false; // it has ended
      if (error instanceof WorkflowUpdateFailedError)
        this.#o.say(`${decision} at ${workflowId} refused: ${String(error.cause)}`);
      throw error;
    }
  }

  /** Passes until nothing is unproved and the directory says nothing new. Answers what is still open after `withinMs`. */
  async quiet(withinMs: number): Promise<string[]> {
    const end = performance.now() + withinMs;
    for (;;) {
      this.#o.signal.throwIfAborted();
      const pass = await this.pass().catch((error: unknown) => String(error));
      const pairs = await this.#o.ledger.unproved(60_000);
      const news = typeof pass === 'string' ? [pass] : this.#news(pass);
      const open = [
        ...(pairs ?? [{ who: '?', target: '?', why: 'the ledger is away' }]).map(
          (p) => `${p.who} at ${p.target}: ${p.why}`,
        ),
        ...news,
      ];
      if (open.length === 0) return [];
      if (performance.now() > end) return open;
      await pause(500);
    }
  }

  /** What a pass found in the directory, or among the undecided, that nobody looks after yet. */
  #news({ compared }: WatchResult): string[] {
    const started = compared.started.map((s) => `the watch started ${s.workflowId}`);
    const more = compared.changed > started.length;
    return more ? [...started, `${compared.changed} people differ from what is stored`] : started;
  }

  /** What every open run says of itself, for whoever looks at a failure. */
  async statuses(): Promise<unknown[]> {
    const { client } = this.#o;
    const told: unknown[] = [];
    for await (const run of client.workflow.list({ query: 'ExecutionStatus="Running"' })) {
      const handle = client.workflow.getHandle(run.workflowId, run.runId);
      const status = await within(client, 3_000, () => handle.query<Status>('status')).catch(String);
      const { raw } = await handle.describe();
      const pending = raw.pendingActivities?.map((a) => [
        a.activityType?.name,
        a.attempt,
        a.lastFailure?.message,
        a.scheduledTime,
      ]);
      told.push({ id: run.workflowId, status, pending });
    }
    return told;
  }

  /** An operator's slip: one open run of somebody, if there is any, is gone with all it remembered. Answers which. */
  async terminateOne(random: Random, spared: (run: WorkflowExecutionInfo) => boolean): Promise<string | undefined> {
    const { client } = this.#o;
    return await this.#insist('a run to be terminated', async () => {
      const open: WorkflowExecutionInfo[] = [];
      await within(client, 5_000, async () => {
        for await (const run of client.workflow.list({ query: 'ExecutionStatus="Running" AND Person IS NOT NULL' }))
          if (run.type !== 'directoryWatch' && !spared(run)) open.push(run);
      });
      if (open.length === 0) return undefined;
      const one = random.pick(open.sort((a, b) => (a.workflowId < b.workflowId ? -1 : 1)));
      await this.#terminate(one, 'by mistake');
      return one.workflowId;
    });
  }

  async #terminate({ workflowId, runId }: WorkflowExecutionInfo, reason: string): Promise<void> {
    try {
      await this.#o.client.workflow.getHandle(workflowId, runId).terminate(reason);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error; // it has ended by itself
    }
  }

  /** Terminates the runs that still wait for something; answers how many. */
  async endRuns(): Promise<number> {
    const { client } = this.#o;
    let left = 0;
    for await (const run of client.workflow.list({ query: 'ExecutionStatus="Running"' })) {
      left++;
      this.#o.say(`still open: ${run.workflowId}`);
      await this.#terminate(run, 'the seed is over');
    }
    return left;
  }
}

function within<T>(client: Client, ms: number, work: () => Promise<T>): Promise<T> {
  return client.connection.withDeadline(Date.now() + ms, work);
}
