/** A wire that breaks on demand, in front of a server: bytes pass until a limit, then the line is cut or falls silent. */
import { connect, createServer, type Socket } from 'node:net';

export type LdapProxy = {
  port: number;
  /** Bytes from the server, over all connections from now on, after which it happens. */
  after(bytes: number, what: 'cut' | 'stall'): void;
  heal(): void;
  /** Ends all connections, as an idle limit does. */
  drop(): void;
  /** Connections open now. */
  open(): number;
  close(): Promise<void>;
};

export async function startLdapProxy(target: number): Promise<LdapProxy> {
  let fault: { left: number; what: 'cut' | 'stall' } | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    const both = [near, far];
    for (const socket of both) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        for (const other of both) other.destroy();
      });
    }
    near.on('data', (bytes) => void far.write(bytes));
    far.on('data', (bytes) => {
      const pass = fault ? Math.max(0, Math.min(bytes.length, fault.left)) : bytes.length;
      if (fault) fault.left -= bytes.length;
      if (pass > 0) near.write(bytes.subarray(0, pass));
      if (pass < bytes.length && fault?.what === 'cut') near.destroySoon();
    });
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    after: (bytes, what) => void (fault = { left: bytes, what }),
    heal: () => void (fault = undefined),
    drop,
    open: () => sockets.size / 2,
    async close() {
      drop();
      await new Promise((done) => server.close(done));
    },
  };
}
