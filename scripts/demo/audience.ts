/** An operator at work: starts runs, decides, moves a run's clock, and prints every change as the ledger proves it. */
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { RunResult } from '../../src/activities/types.ts';
import { readEnv } from '../../src/config/env.ts';
import { createLedger, type PostgresLedger } from '../../src/ledger/index.ts';
import { advance } from '../../src/local/advance.ts';
import type { LocalSystem } from '../../src/local/localSystem.ts';
import { WORKFLOW_QUEUE } from '../../src/workers/create.ts';
import { dataConverter } from '../../src/workers/dataConverter.ts';
import type { Status } from '../../src/workflows/board.ts';

const LOOK_EVERY_MS = 150;
/** Nothing in the demo takes longer; a run that does is stuck. */
const PATIENCE_MS = 60_000;
const SHOWN = new Set(['applied', 'proved', 'approve', 'depart', 'ask.first', 'revoked', 'notice']);

export class Audience {
  private readonly client: Client;
  private readonly connection: Connection;
  private readonly ledger: PostgresLedger;
  private readonly say: (line: string) => void;
  private readonly seen = new Map<string, number>();

  private constructor(client: Client, connection: Connection, ledger: PostgresLedger, say: (line: string) => void) {
    this.client = client;
    this.connection = connection;
    this.ledger = ledger;
    this.say = say;
  }

  static async open(system: LocalSystem, say: (line: string) => void): Promise<Audience> {
    const { codec } = readEnv({ ...system.env });
    if (!codec) throw new Error('The local system has no codec key.');
    const connection = await Connection.connect({ address: system.config.temporal.address });
    const client = new Client({
      connection,
      namespace: system.config.temporal.namespace,
      dataConverter: dataConverter(codec),
    });
    return new Audience(
      client,
      connection,
      createLedger({ url: system.config.ledger, poolSize: 2, sealKeys: codec }),
      say,
    );
  }

  async close(): Promise<void> {
    await this.connection.close();
    await this.ledger.close();
  }

  async start(type: string, input: { person: string; [field: string]: unknown }): Promise<WorkflowHandle> {
    this.say(
      `  $ temporal workflow start --type ${type} -t ${WORKFLOW_QUEUE} -w ${type}/${input.person} --fail-existing --input '${JSON.stringify(input)}'`,
    );
    return await this.client.workflow.start(type, {
      taskQueue: WORKFLOW_QUEUE,
      workflowId: `${type}/${input.person}`,
      args: [input],
      workflowIdConflictPolicy: 'FAIL',
    });
  }

  async decide(handle: WorkflowHandle, input: Record<string, string>): Promise<void> {
    this.say(
      `  $ temporal workflow update execute -w ${handle.workflowId} --name decide --input '${JSON.stringify(input)}'`,
    );
    await handle.executeUpdate('decide', { args: [input] });
  }

  /** Waits until the run is where `look` wants it, printing what is proved meanwhile. */
  async when(handle: WorkflowHandle, person: string, what: string, look: (status: Status) => boolean): Promise<void> {
    await this.watch(person, what, async () => look(await handle.query<Status>('status')));
  }

  /** Waits for the end of the run, printing what is proved meanwhile. */
  async result(handle: WorkflowHandle, person: string): Promise<RunResult> {
    await this.watch(
      person,
      `the end of ${handle.workflowId}`,
      async () => (await handle.describe()).status.name !== 'RUNNING',
    );
    return (await handle.result()) as RunResult;
  }

  /** Moves the run's clock (a feature of the test server: nobody waits five days for a demo). */
  async advance(handle: WorkflowHandle, days: number): Promise<void> {
    this.say(`  … ${days} days later`);
    await advance(handle, days * 86_400);
  }

  /** What somebody's app does when it is opened first: there is no page for it yet, so the registry is told here. */
  async openApp(person: string, token: string): Promise<void> {
    await this.ledger.devices.register({ person, driver: 'fcm', platform: 'android', token });
  }

  /** How many devices of a person (by the uuid of OTDS) are registered. */
  async devicesOf(person: string): Promise<number> {
    return (await this.ledger.devices.devicesOf(person)).length;
  }

  private async watch(person: string, what: string, done: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const now = await done();
      await this.print(person);
      if (now) return;
      if (performance.now() > end) throw new Error(`Waited in vain for ${what}.`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  private async print(who: string): Promise<void> {
    const person = await this.ledger.personByWho(who);
    if (!person) return;
    const entries = await this.ledger.timeline(person.uuid);
    for (const { at, target, kind, text } of entries.slice(this.seen.get(who) ?? 0)) {
      if (!SHOWN.has(kind)) continue;
      // A notice says again, line by line, what stands above it.
      const [first = '', ...more] = text.split('\n');
      const line = more.length > 0 ? `${first} (${more.length} lines)` : first;
      this.say(`  ${at.slice(11, 19)}  ${(target ?? '').padEnd(10)} ${kind.padEnd(9)} ${line}`);
    }
    this.seen.set(who, entries.length);
  }
}
