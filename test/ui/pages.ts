/** The pages of the Temporal UI (2.54) that operators use, as the tests and the screenshots walk through them. */
import type { Locator, Page } from 'playwright-core';

/** `ui`: origin of the UI. */
export type Site = { ui: string; namespace: string };
export type Run = { workflowId: string; runId: string };
export type Tab = 'timeline' | 'history' | 'query' | 'user-metadata' | 'search-attributes';

const runs = ({ ui, namespace }: Site): string => `${ui}/namespaces/${namespace}/workflows`;

export async function openList(page: Page, site: Site, query?: string): Promise<void> {
  await page.goto(query === undefined ? runs(site) : `${runs(site)}?query=${encodeURIComponent(query)}`);
}

export async function openTab(page: Page, site: Site, run: Run, tab: Tab): Promise<void> {
  await page.goto(`${runs(site)}/${encodeURIComponent(run.workflowId)}/${run.runId}/${tab}`);
}

/** The rendered current details; the UI shows them in a frame of their own. */
export const currentDetails = (page: Page): Locator => page.frameLocator('iframe').first().locator('body');

/** Opens More Actions and then one of its dialogs. */
export async function openDialog(page: Page, action: 'Send an Update' | 'Send a Signal'): Promise<Locator> {
  await page.getByRole('button', { name: 'More Actions' }).click();
  await page.getByRole('menuitem', { name: action }).click();
  const dialog = page.locator('dialog[open]').filter({ hasText: action });
  await dialog.waitFor();
  return dialog;
}

/** Unfolds the names on offer, each with its description. */
export async function unfold(dialog: Locator): Promise<Locator> {
  await dialog.locator('button[aria-haspopup="true"]').first().click();
  const options = dialog.getByRole('option');
  await options.first().waitFor();
  return options;
}

/** Chooses a handler by its name, types its JSON and submits. */
export async function send(dialog: Locator, name: string, input: unknown): Promise<void> {
  await (await unfold(dialog)).filter({ hasText: name }).first().click();
  // Indented as the UI will do it itself: a form that grows under the pointer loses the click.
  await dialog.getByRole('textbox', { name: 'Data' }).fill(JSON.stringify(input, null, 2));
  await dialog.getByRole('button', { name: 'Submit' }).click();
}
