import { setTimeout as delay } from 'node:timers/promises';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { Surroundings } from '../config/local.ts';
import type { Logger } from '../log.ts';

export type TemporalAddress = { connectionOptions: NativeConnectionOptions; namespace: string };

/**
 * Address, namespace, TLS and keys as the `temporal` CLI reads them too: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE,
 * TEMPORAL_CONFIG_FILE … (default 127.0.0.1:7233, `default`). A local system's settings come from it alone.
 */
export function temporalAddress({ env, local }: Surroundings): TemporalAddress {
  const variables = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const { connectionOptions, namespace } = loadClientConnectConfig({
    overrideEnvVars: variables,
    disableFile: local !== undefined,
  });
  return {
    connectionOptions: { ...connectionOptions, address: connectionOptions.address ?? '127.0.0.1:7233' },
    namespace: namespace ?? 'default',
  };
}

/** Connects, however long the server takes to come up: the SDK itself gives up at once. Says so after the first failure and once a minute. */
export async function connectPatiently(options: NativeConnectionOptions, log: Logger): Promise<NativeConnection> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      if (attempt % 30 === 0) {
        const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
        log.warn(
          { address: options.address, why },
          'The Temporal server does not answer yet; trying again every two seconds.',
        );
      }
      await delay(Math.min(2_000, 200 * 2 ** attempt));
    }
  }
}
