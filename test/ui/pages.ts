/** The pages of the Temporal UI (2.54) that operators use, as the tests and the screenshots walk through them. */
import type { Locator, Page } from 'playwright-core';

/** `ui`: origin of the UI. */
export type Site = { ui: string; namespace: string };
export type Run = { workflowId: string; runId: string };
export type Tab = 'Timeline' | 'Event History' | 'Queries' | 'User Metadata';

const runs = ({ ui, namespace }: Site): string => `${ui}/namespaces/${namespace}/workflows`;

export async function openList(page: Page, site: Site, query?: string): Promise<void> {
  await page.goto(query === undefined ? runs(site) : `${runs(site)}?query=${encodeURIComponent(query)}`);
}

/** Opens a run at its first tab, the timeline. */
export async function openRun(page: Page, site: Site, { workflowId, runId }: Run): Promise<void> {
  await page.goto(`${runs(site)}/${encodeURIComponent(workflowId)}/${runId}/timeline`);
  await page.getByRole('tab', { name: 'Timeline' }).waitFor();
}

/** Another tab of the run that is open, without loading the whole UI again. */
export const showTab = (page: Page, tab: Tab): Promise<void> => page.getByRole('tab', { name: tab }).click();

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

/** Types the JSON of the chosen handler and submits. */
export async function send(dialog: Locator, input: unknown): Promise<void> {
  // Indented as the UI will do it itself: a form that grows under the pointer loses the click.
  await dialog.getByRole('textbox', { name: 'Data' }).fill(JSON.stringify(input, null, 2));
  await dialog.getByRole('button', { name: 'Submit' }).click();
}
