/** `node sdkDownload.ts DIR`: the Temporal SDK fetches its CLI into DIR. A program of its own, because the SDK's download has no limit and no stop. */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';

const [downloadDir] = process.argv.slice(2);
if (downloadDir === undefined) throw new Error('Usage: node sdkDownload.ts DIR');
Runtime.install({ logger: new DefaultLogger('ERROR') });
try {
  // There is no call that only downloads: it starts a server too, which is stopped at once.
  const server = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir } },
  });
  await server.teardown();
  process.exit(0);
} catch (error) {
  // The message repeats itself, with a long query in the address.
  const words = error instanceof Error ? error.message : 'unknown error';
  const brief = /error sending request for url \([^?)]*/.exec(words)?.[0];
  process.stderr.write(`${brief === undefined ? words.slice(0, 160) : `${brief})`}\n`);
  process.exit(1);
}
