/** A proxy on the control connection of a plain FTP server that breaks it on command; data connections go past it. */
import { connect, createServer, type Socket } from 'node:net';

export type Fault = {
  /** The command it happens at: `RNTO /home/list.csv`. */
  at: RegExp;
  /** `reset`: the command never arrives. `hang`: nobody answers. `lose`: the server does it, its answer is lost. Or this answer in place of the server's. */
  how: 'reset' | 'hang' | 'lose' | { answer: string | ((command: string) => string) };
  /** How often for each file (its name without folder and ending). Default: always. */
  times?: number;
};

export type FtpProxy = {
  port: number;
  /** Set to break, `undefined` to mend. */
  fault: Fault | undefined;
  /** How often a fault struck. */
  met: number;
  /** Every answer comes so much later, milliseconds; data connections are not touched. */
  delayMs: number;
  /** Commands that came, in order, passwords left out; cleared by the test. */
  commands: string[];
  /** Called before a command is passed on (or meets the fault `lose`). */
  before: ((command: string) => void) | undefined;
  close: () => Promise<void>;
};

const said = (answer: string | ((command: string) => string), command: string): string =>
  typeof answer === 'string' ? answer : answer(command);

export async function startFtpProxy(serverPort: number): Promise<FtpProxy> {
  const sockets = new Set<Socket>();
  /** Of each fault, by file. */
  const struck = new WeakMap<Fault, Map<string, number>>();
  const proxy: FtpProxy = {
    port: 0,
    fault: undefined,
    met: 0,
    delayMs: 0,
    commands: [],
    before: undefined,
    close: closed,
  };
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => (sockets.delete(socket), client.destroy(), upstream.destroy()));
    }
    let losing = false;
    const answered = (reply: Buffer): void => void (losing ? client.resetAndDestroy() : client.write(reply));
    upstream.on('data', (reply: Buffer) => {
      if (proxy.delayMs === 0) answered(reply);
      else setTimeout(() => answered(reply), proxy.delayMs);
    });
    client.on('data', (bytes) => {
      const command = bytes.toString('utf8').trimEnd();
      proxy.commands.push(command.startsWith('PASS') ? 'PASS' : command);
      const { fault } = proxy;
      if (!fault || !strikes(fault, command)) {
        proxy.before?.(command);
        return void upstream.write(bytes);
      }
      if (fault.how === 'reset') client.resetAndDestroy();
      else if (fault.how === 'lose') {
        losing = true;
        proxy.before?.(command);
        upstream.write(bytes);
      } else if (fault.how !== 'hang') client.write(`${said(fault.how.answer, command)}\r\n`);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  proxy.port = typeof address === 'object' && address !== null ? address.port : 0;
  return proxy;

  function strikes(fault: Fault, command: string): boolean {
    if (!fault.at.test(command)) return false;
    const counts = struck.get(fault) ?? new Map<string, number>();
    struck.set(fault, counts);
    const file = /([^/.]+)\.[^/]*$/.exec(command)?.[1] ?? '';
    const before = counts.get(file) ?? 0;
    counts.set(file, before + 1);
    const strike = before < (fault.times ?? Infinity);
    if (strike) proxy.met++;
    return strike;
  }

  function closed(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(() => done()));
  }
}
