import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { ensureWatchSchedule } from '../../src/workers/schedule.ts';
import { searchAttributeProblem } from '../../src/workers/searchAttributes.ts';
import { temporalServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let connection: Connection;
let client: Client;
const prefix = `sched-${randomBytes(4).toString('hex')}-`;

beforeAll(async () => {
  connection = await Connection.connect({ address: (await temporalServer()).address });
  client = new Client({ connection });
});
afterAll(async () => {
  await client.schedule.getHandle(`${prefix}directory-watch`).delete();
  await connection.close();
});

describe('search attributes', () => {
  test('nothing is wrong where all are registered', async () => {
    expect(await searchAttributeProblem(connection, 'default')).toBeUndefined();
  });

  test('a namespace without them gets a sentence with the command', async () => {
    const namespace = `bare-${randomBytes(4).toString('hex')}`;
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    const problem = await until('the new namespace', () =>
      searchAttributeProblem(connection, namespace).catch(() => undefined),
    );
    expect(problem).toMatch(
      /lacks the search attributes Person, Target, .*\. Register them: temporal operator search-attribute create --namespace bare-\w+ --name Person --type Keyword /,
    );
  });
});

describe('the schedule of the watch', () => {
  const handle = () => client.schedule.getHandle(`${prefix}directory-watch`);

  test('is created paused when asked, with a note that says how to start it', async () => {
    expect(await ensureWatchSchedule(client, { everyMs: 60_000, prefix, paused: true })).toBe('created');
    const { spec, action, policies, state } = await handle().describe();
    expect(spec.intervals).toEqual([{ every: 60_000 }]);
    expect(action).toMatchObject({ workflowType: 'directoryWatch', taskQueue: `${prefix}tenure`, args: [{}] });
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 60_000 });
    expect(state).toMatchObject({ paused: true, note: expect.stringContaining('temporal schedule toggle --unpause') });
  });

  test('is brought up to date by the next worker, and stays paused or running as its operator left it', async () => {
    expect(await ensureWatchSchedule(client, { everyMs: 5_000, prefix })).toBe('updated');
    const { spec, policies, state } = await handle().describe();
    expect(spec.intervals).toEqual([{ every: 5_000 }]);
    expect(policies.catchupWindow).toBe(10_000);
    expect(state.paused).toBe(true);
  });
});
