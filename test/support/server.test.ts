import { afterAll, describe, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { Client } from 'pg';
import { identify } from '../../src/local/processes.ts';
import { freshDatabase, postgres, temporalServer, type FreshDatabase } from './server.ts';

const made: FreshDatabase[] = [];
afterAll(() => Promise.all(made.map((one) => one.drop())));

async function tables(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('servers of a test run', () => {
  test('one Temporal server for everybody, with our search attributes', async () => {
    const [one, two] = await Promise.all([temporalServer(), temporalServer()]);
    expect(two).toEqual(one);
    const connection = await Connection.connect({ address: one.address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: one.namespace });
    await connection.close();
    expect(Object.keys(customAttributes ?? {})).toEqual(
      expect.arrayContaining(['Person', 'Target', 'Stage', 'Campaign', 'NeedsAttention', 'DueAt']),
    );
  });

  test('one PostgreSQL, and databases that do not see each other', async () => {
    const server = await postgres();
    expect(identify(server.pid)).toBeDefined();
    const [one, two] = await Promise.all([freshDatabase({ migrated: false }), freshDatabase({ migrated: false })]);
    made.push(one, two);
    await tables(one.url, 'create table mine (n int)');
    const mine = "select 1 from information_schema.tables where table_name = 'mine'";
    expect(await tables(one.url, mine)).toHaveLength(1);
    expect(await tables(two.url, mine)).toHaveLength(0);
  });
});
