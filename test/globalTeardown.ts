/** Placeholder of the shared server set-up: filled in with the workflow tests. */
export default async function teardown(): Promise<void> {}
