import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { freshDatabase } from '../../test/support/server.ts';
import { somebody } from '../../test/support/ledger.ts';
import { startOrAttach, stop } from './embedded.ts';
import { createLedger, migrate, openLedger } from './index.ts';
import { RULES_DIGEST } from './rules/all.ts';

let ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function emptyDatabase(): Promise<string> {
  const { url, drop } = await freshDatabase({ migrated: false });
  ends.push(drop);
  return url;
}

test('four processes may bring one empty database up to date at once', async () => {
  const url = await emptyDatabase();
  await Promise.all(Array.from({ length: 4 }, () => migrate(url)));
  const ledger = await openLedger({ url });
  ends.push(() => ledger.close());
  expect(await ledger.note(somebody())).toMatchObject({ newest: 0 });
});

test('rules of another version are replaced, the rows stay', async () => {
  const url = await emptyDatabase();
  await migrate(url);
  const ledger = createLedger({ url });
  ends.push(() => ledger.close());
  const ada = somebody();
  await ledger.note(ada);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  ends.push(() => client.end());
  await client.query(`update tenure.rules_text set digest = 'older'; drop function tenure_rules.note`);
  await migrate(url);
  expect((await client.query<{ digest: string }>('select digest from tenure.rules_text')).rows).toEqual([
    { digest: RULES_DIGEST },
  ]);
  expect((await ledger.personByWho(ada.who))?.uuid).toBe(ada.uuid);
  expect(await ledger.note(ada)).toMatchObject({ newest: 0 });
});

test('a ledger outlives a PostgreSQL that is killed and started again; meanwhile it says so, without the password', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenure-pg-'));
  const dir = join(folder, 'pg');
  ends.push(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })));
  const server = await startOrAttach(dir, { bound: true });
  ends.push(() => stop(dir));
  const ledger = await openLedger({ url: server.url });
  ends.push(() => ledger.close());
  const ada = somebody();
  // Several idle connections, so that more than one is lost.
  await Promise.all(Array.from({ length: 5 }, () => ledger.note(ada)));
  process.kill(server.pid, 'SIGKILL');
  await expect(untilItFails(() => ledger.note(ada))).resolves.toMatchObject({
    code: 'LEDGER_UNAVAILABLE',
    retryable: true,
  });
  await startOrAttach(dir, { bound: true });
  expect(await ledger.note(ada)).toMatchObject({ person: ada, newest: 0 });
});

test('nobody there: a sentence that says what to do and holds no secret', async () => {
  const ledger = createLedger({ url: 'postgres://tenure:s3cr3t-word@127.0.0.1:1/tenure' });
  ends.push(() => ledger.close());
  const error: unknown = await ledger.openRuns('x').catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'LEDGER_UNAVAILABLE', retryable: true, state: 'ECONNREFUSED' });
  expect(String(error)).toMatch(/did not answer while reading claims.*see that the database/u);
  expect(JSON.stringify(error) + String(error)).not.toContain('s3cr3t-word');
  await expect(migrate('postgres://tenure:s3cr3t-word@127.0.0.1:1/tenure')).rejects.toMatchObject({
    code: 'LEDGER_UNAVAILABLE',
  });
});

test('a database without the schema is a mistake to mend, not an outage to wait for', async () => {
  const ledger = createLedger({ url: await emptyDatabase() });
  ends.push(() => ledger.close());
  await expect(ledger.note(somebody())).rejects.toMatchObject({ code: 'LEDGER_FAILED', retryable: false });
});

async function untilItFails(call: () => Promise<unknown>): Promise<unknown> {
  for (;;) {
    try {
      await call();
    } catch (error) {
      return error;
    }
  }
}
