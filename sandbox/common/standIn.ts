import { createServer } from 'node:http';
import { answerControl } from './control.ts';
import { listen, shut } from './http.ts';
import { Runtime } from './runtime.ts';
import type { Definition } from './types.ts';
import { VendorSide } from './vendor.ts';

const LOOPBACK = '127.0.0.1';

/** Where and how to serve. `port` 0 takes any free one; `host` of the vendor's address is 127.0.0.1 unless said, the control address always. */
export type StandInOptions = { port: number; controlPort: number; host?: string; dataDir?: string };

/** A stand-in that is being served: the vendor's origin, the control origin, and its end (a second call waits for the first). */
export type StandIn = { url: string; control: string; close(): Promise<void> };

/**
 * Serves a closed product's stand-in on two ports: the vendor's address and the control address of `control.md`.
 * With `dataDir` the state (ledger, faults, clock included) is read from and kept in `<dataDir>/<system>.json`.
 */
export async function startStandIn<S>(def: Definition<S>, o: StandInOptions): Promise<StandIn> {
  const host = o.host ?? LOOPBACK;
  const runtime = new Runtime(def, o.dataDir);
  const side = new VendorSide(runtime);
  const vendor = createServer((message, res) => void side.answer(message, res));
  const control = createServer((message, res) => void answerControl(runtime, message, res));
  const port = await listen(vendor, o.port, host);
  let controlPort;
  try {
    controlPort = await listen(control, o.controlPort, LOOPBACK);
  } catch (error) {
    await shut(vendor);
    throw error;
  }
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    side.stop();
    await Promise.all([shut(vendor), shut(control)]);
    runtime.close();
  };
  return {
    url: `http://${host}:${port}`,
    control: `http://${LOOPBACK}:${controlPort}`,
    close: () => (closed ??= close()),
  };
}
