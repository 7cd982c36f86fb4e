/** Placeholder of the shared server set-up: filled in with the workflow tests. */
export default async function setup(): Promise<void> {}
