/** What an operator does and sees: the plain `temporal` CLI and the real Temporal UI, on a real local system with the codec on. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { layoutOf, ROOT } from '../../src/local/files.ts';
import { startLocalSystem, type LocalSystem } from '../../src/local/localSystem.ts';
import { freePortBase } from '../../src/local/ports.ts';
import { REQUIRED_SERVER } from '../../src/local/temporalVersion.ts';
import { findBrowser, openBrowser, type OpenBrowser } from '../support/browser.ts';
import { currentDetails, openDialog, openList, openRun, send, showTab, unfold, type Site } from './pages.ts';
import { temporalCli, untilStatus, type TemporalCli } from './temporalCli.ts';

// Pages load slowly on a machine where everything else runs too.
jest.setTimeout(60_000);

const DMITRI = 'dmitri.volkov@staff';
const ID = `onboarding/${DMITRI}`;
const ITEM = 'media-library-admin';
const approval = (by: string): object => ({ decision: 'approve', by, reason: 'runs the media library' });
const NOT_AMONG = `ada.byrne@staff is not among the present approvers of ${ITEM} (grace.lee@staff, omar.haddad@staff).`;
/** What nobody should have to read: a stack, a path of this machine, an encoded payload. */
const INTERNALS = new RegExp(`\\bat .+:\\d+:\\d+|node_modules|${ROOT}|binary/encrypted|stackTrace`);

const found = findBrowser();
/** A test that needs a browser; without one it is skipped under a name that says why. */
const inBrowser = (name: string, body: () => Promise<void>): void =>
  'path' in found ? test(name, body) : test.skip(`${name} (skipped: ${found.missing})`, body);

let folder: string;
let system: LocalSystem;
let temporal: TemporalCli;
let browser: OpenBrowser | undefined;
let page: Page;
let site: Site;
const runIds = new Map<string, string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenure-ui-'));
  const portBase = await freePortBase();
  system = await startLocalSystem({
    data: join(folder, 'data'),
    portBase,
    temporal: { requireServer: REQUIRED_SERVER, inMemory: true },
  });
  site = { ui: system.config.temporal.ui, namespace: system.config.temporal.namespace };
  temporal = temporalCli(system.cli, layoutOf(system.data).toml);
  if (!('path' in found)) return;
  browser = await openBrowser(found.path);
  page = await browser.context.newPage();
  page.setDefaultTimeout(20_000);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await system?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const run = (workflowId: string) => ({ workflowId, runId: runIds.get(workflowId) ?? '' });
const shows = (text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor();
const all = (): Promise<string> => page.locator('body').innerText();

async function start(workflowId: string, input: unknown) {
  const json = JSON.stringify(input);
  const answer = await temporal(
    ...['workflow', 'start', '--type', 'onboarding', '-t', 'tenure', '-w', workflowId, '--fail-existing'],
    ...['--input', json],
  );
  const runId = /RunId\s+(\S+)/.exec(answer.out)?.[1];
  if (runId !== undefined) runIds.set(workflowId, runId);
  return answer;
}

const decide = (verb: 'signal' | 'update', input: object) =>
  temporal(
    ...['workflow', ...(verb === 'signal' ? ['signal'] : ['update', 'execute']), '-w', ID, '--name', 'decide'],
    ...['--input', JSON.stringify(input)],
  );

describe('the plain temporal CLI, with the profile that npm start writes', () => {
  test('starts a run once: with --fail-existing a second start is an error that names the open run', async () => {
    expect(await start(ID, { person: DMITRI })).toMatchObject({ code: 0, out: expect.stringContaining(ID) });
    const again = await start(ID, { person: DMITRI });
    expect(again.code).toBe(1);
    expect(again.err).toContain(`already running. WorkflowId: ${ID}`);
  });

  test('the query status takes no argument and says what waits for whom', async () => {
    const out = await untilStatus(temporal, ID, 'waits for');
    expect(out).toContain('"state":"waits for grace.lee@staff, omar.haddad@staff"');
    expect(out).toContain('"stage":"approval"');
  });

  test('metadata describes every handler with an example, and shows the table', async () => {
    const { code, out } = await temporal('workflow', 'metadata', '-w', ID);
    expect(code).toBe(0);
    for (const name of ['decide', 'changed', 'superseded', 'reroute']) {
      expect(out).toMatch(new RegExp(`^ +${name} +\\S.*\\{".*\\}`, 'm'));
    }
    expect(out).toMatch(/^ +status +What waits for what/m);
    expect(out).toMatch(/\| approval\W+media-library-admin\W+waits for grace\.lee@staff/);
  });

  test('runs are found by Person', async () => {
    // Visibility follows a little later.
    let out = '';
    for (let look = 0; look < 100 && !out.includes(ID); look++) {
      ({ out } = await temporal('workflow', 'list', '-q', `Person="${DMITRI}"`));
    }
    expect(out).toMatch(new RegExp(`Running +${ID} +onboarding`));
  });

  test('an update of the wrong shape, or by somebody who may not, is an error with our sentence and nothing else', async () => {
    const shape = await decide('update', { decision: 'approve', by: 'grace.lee@staff' });
    expect(shape).toMatchObject({
      code: 1,
      err: expect.stringContaining('decide: the field "reason" is missing. The least input is {'),
    });
    const outsider = await decide('update', approval('ada.byrne@staff'));
    expect(outsider).toMatchObject({ code: 1, err: expect.stringContaining(NOT_AMONG) });
    expect(shape.err + outsider.err).not.toMatch(INTERNALS);
  });

  test('a signal that is refused shows in status', async () => {
    expect(await decide('signal', approval(DMITRI))).toMatchObject({ code: 0 });
    expect(await untilStatus(temporal, ID, 'Refused: ')).toMatch(/Refused: [^"]*dmitri\.volkov@staff/);
  });

  test.each([
    ['a misspelt field', 'misspelt', { persn: DMITRI }, 'onboarding: unknown field "persn". It takes person.'],
    ['nobody', 'nobody', { person: 'nobody@staff' }, 'The field "person" names nobody@staff, whom the directory'],
  ])('a run about %s ends at once with a sentence that names the field', async (_, id, input, sentence) => {
    expect(await start(id, input)).toMatchObject({ code: 0 });
    const result = await temporal('workflow', 'result', '-w', id);
    expect(result).toMatchObject({ code: 1, out: expect.stringContaining(sentence) });
    const described = await temporal('workflow', 'describe', '-w', id);
    expect(described).toMatchObject({ code: 0, out: expect.stringContaining(sentence) });
    expect(described.out).toMatch(/Status +FAILED/);
    expect(result.out + described.out).not.toMatch(INTERNALS);
  });
});

describe('the Temporal UI, through the codec server', () => {
  inBrowser('the list names runs by type and person', async () => {
    await openList(page, site, `Person="${DMITRI}"`);
    await page.getByRole('link', { name: ID }).first().waitFor();
  });

  inBrowser('the timeline says of every activity and timer what it is for', async () => {
    await openRun(page, site, run(ID));
    await shows(`resolvePerson • read ${DMITRI} from the directory`);
    await shows(/converge • otds: /);
    await shows(/converge • iconik: /);
    await shows(`askApprovers • ask the approvers of ${ITEM}`);
    await shows(`${ITEM}: reminder`);
    await shows(`recordDecision • ada.byrne@staff says: approve`);
    await shows(`"${DMITRI}"`); // the input
    expect(await all()).not.toMatch(INTERNALS);
  });

  inBrowser('User Metadata shows the table of what waits for what', async () => {
    await showTab(page, 'User Metadata');
    const details = currentDetails(page);
    const row = details.getByRole('row').filter({ hasText: ITEM });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/^approval\W+media-library-admin\W+waits for grace\.lee@staff.*\d\d:\d\d/);
    expect(await details.innerText()).toContain(`onboarding ${DMITRI}: approval`);
  });

  inBrowser('Queries offers status first, and shows its answer', async () => {
    await showTab(page, 'Queries');
    const choice = page.getByTestId('query-select');
    await choice.waitFor({ state: 'attached' });
    expect(await choice.inputValue()).toBe('status');
    await page.getByRole('button', { name: 'Run Query' }).click();
    await page.getByTestId('query-result').getByText('"waits for grace.lee@staff, omar.haddad@staff"').waitFor();
  });

  inBrowser('the update dialog offers decide with its description; a refusal there is our sentence alone', async () => {
    const dialog = await openDialog(page, 'Send an Update');
    const options = await unfold(dialog);
    expect(await options.first().innerText()).toMatch(/^decide\n.*\{"decision":"approve","by":"grace\.lee@staff",/s);
    await options.first().click();
    await send(dialog, approval('ada.byrne@staff'));
    await dialog.getByText(NOT_AMONG).waitFor();
    const alerts = (await dialog.getByRole('alert').allInnerTexts()).filter((text) => text !== '');
    expect(alerts).toEqual([NOT_AMONG]);
    expect(await dialog.innerText()).not.toMatch(INTERNALS);
  });

  inBrowser('a run that failed shows the sentence and no stack', async () => {
    await openRun(page, site, run('misspelt'));
    await shows('unknown field \\"persn\\". It takes person.');
    expect(await all()).not.toMatch(INTERNALS);
  });
});

describe('the decision', () => {
  test('by update: answered in clear; the run ends with a result that can be read', async () => {
    const answer = await decide('update', approval('grace.lee@staff'));
    expect(answer).toMatchObject({ code: 0, out: expect.stringContaining('accepted:true') });
    const result = await temporal('workflow', 'result', '-w', ID);
    expect(result.code).toBe(0);
    expect(result.out).toContain(`"decisions":{"${ITEM}":"approve"}`);
    expect(result.out).toContain('"outcome":"done"');
  });

  inBrowser('the UI shows that result as JSON, and the grant in the timeline', async () => {
    await openRun(page, site, run(ID));
    await shows('"outcome": "done"');
    await shows('converge • iconik: roles/Media Library Admin');
    await shows('recordDecision • grace.lee@staff says: approve');
    expect(await all()).not.toMatch(INTERNALS);
  });
});
