import { makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Logger } from '../log.ts';
import { sdkLogger } from './sdkLogger.ts';

/**
 * Installs the SDK's runtime: its log into ours, Prometheus metrics on 127.0.0.1 where a port is given. The SDK's own signal handlers are off:
 * whoever runs workers decides when they stop (`create.ts`). Once per process.
 */
export function installRuntime(log: Logger, metricsPort?: number): Runtime {
  return Runtime.install({
    shutdownSignals: [],
    logger: sdkLogger(log),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(metricsPort === undefined
        ? {}
        : {
            metrics: {
              prometheus: {
                bindAddress: `127.0.0.1:${metricsPort}`,
                countersTotalSuffix: true,
                unitSuffix: true,
                useSecondsForDurations: true,
              },
            },
          }),
    },
  });
}
