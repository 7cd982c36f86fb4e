/** `npm run screenshots`: pictures of what an operator sees of a running local system, for people to look at. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import type { Page } from 'playwright-core';
import { DEFAULT_DATA, layoutOf, type LocalJson } from '../src/local/files.ts';
import { findBrowser, openBrowser } from '../test/support/browser.ts';
import {
  currentDetails,
  openDialog,
  openList,
  openRun,
  showTab,
  unfold,
  type Run,
  type Site,
} from '../test/ui/pages.ts';

const HELP = `npm run screenshots -- [options]

Takes pictures of the Temporal UI of a running local system: the list, and of one run the timeline, history, queries, user metadata and the
update dialog. Start the system (npm start) and a run or two first.

  --data DIR    folder of the local system, default .tenure
  --run ID      workflow id, default the newest open run, else the newest
  --out DIR     where the pictures go, default screenshots in the data folder
  --help        this text
`;

type Arguments = { data: string; out: string; run: string | undefined };

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: DEFAULT_DATA },
      run: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  return { data: values.data, run: values.run, out: resolve(values.out ?? join(values.data, 'screenshots')) };
}

function addresses(data: string): LocalJson {
  try {
    return JSON.parse(readFileSync(layoutOf(resolve(data)).localJson, 'utf8')) as LocalJson; // npm start wrote it
  } catch {
    throw new Error(`No local system runs on ${data}: there is no local.json in it. Start one with \`npm start\`.`);
  }
}

async function pickRun({ temporal }: LocalJson, id: string | undefined): Promise<Run> {
  const connection = await Connection.connect({ address: temporal.address });
  try {
    const { workflow } = new Client({ connection, namespace: temporal.namespace });
    if (id !== undefined) {
      const { workflowId, runId } = await workflow.getHandle(id).describe();
      return { workflowId, runId };
    }
    for (const query of ['ExecutionStatus="Running"', '']) {
      for await (const { workflowId, runId } of workflow.list({ query, pageSize: 1 })) return { workflowId, runId };
    }
    throw new Error('There is no run to look at yet. Start one as the README shows, and try again.');
  } finally {
    await connection.close();
  }
}

const SOON = { timeout: 8_000 };

/** What only a worker can answer, and only if the run got so far: without it the picture shows what an operator sees then. */
const perhaps = (wait: Promise<unknown>): Promise<unknown> => wait.catch(() => undefined);

async function pictures(page: Page, site: Site, run: Run, out: string): Promise<string[]> {
  const taken: string[] = [];
  const take = async (name: string): Promise<void> => {
    // What was waited for is there; the rest of the page (icons, bars) comes with the last answers.
    await perhaps(page.waitForLoadState('networkidle', { timeout: 1_500 }));
    const file = join(out, `${String(taken.length + 1).padStart(2, '0')}-${name}.png`);
    await page.screenshot({ path: file, fullPage: true });
    taken.push(file);
  };
  await openList(page, site);
  await page.getByRole('link', { name: run.workflowId }).first().waitFor();
  await take('list');
  await openRun(page, site, run);
  await perhaps(page.getByText(' • ').first().waitFor(SOON)); // a run that failed at once has no activities
  await take('timeline');
  await showTab(page, 'Event History');
  await page.getByText('Workflow Execution Started').first().waitFor();
  await take('history');
  await showTab(page, 'User Metadata');
  await perhaps(currentDetails(page).getByRole('table').waitFor(SOON));
  await take('user-metadata');
  await showTab(page, 'Queries');
  await perhaps(page.getByRole('button', { name: 'Run Query' }).click(SOON));
  await perhaps(page.getByTestId('query-result').getByText('"stage"').waitFor(SOON));
  await take('query');
  if (await page.getByRole('button', { name: 'Request Cancellation' }).isVisible()) {
    await perhaps(unfold(await openDialog(page, 'Send an Update')));
    await take('update');
  }
  return taken;
}

async function main(): Promise<void> {
  const { data, out, run: id } = readArguments();
  const local = addresses(data);
  const found = findBrowser();
  if (!('path' in found)) throw new Error(found.missing);
  const run = await pickRun(local, id);
  mkdirSync(out, { recursive: true, mode: 0o700 });
  const browser = await openBrowser(found.path, { width: 1600, height: 1000 });
  try {
    const page = await browser.context.newPage();
    const { ui, namespace } = local.temporal;
    for (const file of await pictures(page, { ui, namespace }, run, out)) {
      process.stdout.write(`${relative(process.cwd(), file)}\n`);
    }
  } finally {
    await browser.close();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
