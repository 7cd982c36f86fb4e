/**
 * Partners' access lists on a real proftpd behind a proxy that can break, with a control address like that of the stand-ins: `GET /state` is the lists
 * as they lie on the disk, `GET /ledger` every publication by the rows it added and took away, `POST /faults` breaks the next publication.
 */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Daemon } from '../support/daemons.ts';
import { startFtpProxy, type Fault, type FtpProxy } from '../support/ftpProxy.ts';
import { PASSWORD, startProftpd } from '../support/ftpServers.ts';

/** What each partner keeps on the list beside us: it must stay as it is. */
export const SEED_LISTS: Readonly<Record<string, string>> = {
  acme: '# Kept by Acme.\r\nuser,mail,name,note\r\nold.hand@acme,oh@acme.example,"Hand, Old",keep\r\n',
  globex: 'mail;user;name\nboss@globex.example;boss@globex;Boss\n',
};

export type PartnerServer = {
  /** host:port of the proxy. */
  host: string;
  /** Folder of the lists, as the client sees it. */
  home: string;
  password: string;
  control: string;
  close(): Promise<void>;
};

type Write = { object: string; id: string; before: object | null; after: object | null };
type Entry = { seq: number; at: string; caller: string; writes: Write[] };

export async function startPartners(proftpd: Daemon): Promise<PartnerServer> {
  const server = await startProftpd(proftpd);
  const proxy = await startFtpProxy(server.ports.ftp);
  const { home } = server;
  for (const [name, text] of Object.entries(SEED_LISTS)) {
    writeFileSync(join(home, `${name}.csv`), text);
    chmodSync(join(home, `${name}.csv`), 0o666);
  }
  const entries: Entry[] = [];
  watchRenames(proxy, (writes) =>
    entries.push({ seq: entries.length + 1, at: new Date().toISOString(), caller: 'tenure', writes }),
  );
  const lists = (): Record<string, string> =>
    Object.fromEntries(Object.keys(SEED_LISTS).map((name) => [name, readFileSync(join(home, `${name}.csv`), 'utf8')]));
  const answer = async (message: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const url = new URL(message.url ?? '/', 'http://control');
    const json = (value: unknown): void => void reply.end(JSON.stringify(value));
    if (url.pathname === '/state') return json({ lists: lists() });
    if (url.pathname === '/ledger') {
      const since = Number(url.searchParams.get('since') ?? 0);
      return json({ entries: entries.filter((entry) => entry.seq > since), next: entries.length, met: proxy.met });
    }
    proxy.fault = message.method === 'POST' ? faultOf(await bodyOf(message)) : undefined;
    json({});
  };
  const control = createServer((message, reply) => void answer(message, reply));
  await new Promise<void>((done) => control.listen(0, '127.0.0.1', done));
  const address = control.address();
  return {
    host: `127.0.0.1:${proxy.port}`,
    home,
    password: PASSWORD,
    control: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    async close() {
      control.closeAllConnections();
      await new Promise((done) => control.close(done));
      await proxy.close();
      await server.close();
    },
  };
}

/** A list is replaced by renaming: that is the moment at which its rows change. */
function watchRenames(proxy: FtpProxy, publish: (writes: Write[]) => void): void {
  const from = new Map<string, string>();
  proxy.before = (command) => {
    // Parts bear the name of the list that they are for.
    if (command.startsWith('RNFR ')) from.set(listOf(command), command.slice(5));
    if (!command.startsWith('RNTO ')) return;
    const part = from.get(listOf(command)) ?? '';
    if (existsSync(part)) publish(writesOf(listOf(command), command.slice(5), part));
  };
}

const listOf = (command: string): string => /\/\.?([a-z]+)\.csv/.exec(command)?.[1] ?? '';

/** Rows that come and go; none: a needless repeat, told as the stand-ins tell it. */
function writesOf(list: string, published: string, part: string): Write[] {
  const rows = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').split(/\r?\n/) : []);
  const [before, after] = [rows(published), rows(part)];
  const row = (line: string) => ({ list, line });
  const gone = before.filter((line) => !after.includes(line));
  const come = after.filter((line) => !before.includes(line));
  const writes = [
    ...gone.map((line): Write => ({ object: 'row', id: list, before: row(line), after: null })),
    ...come.map((line): Write => ({ object: 'row', id: list, before: null, after: row(line) })),
  ];
  return writes.length > 0 ? writes : [{ object: 'list', id: list, before: {}, after: {} }];
}

/** `{match: {command}, times, fault: {kind}}`; one at a time. */
function faultOf(plan: { match?: { command?: string }; times?: number; fault?: { kind?: string } }): Fault {
  const kind = plan.fault?.kind;
  const how: Fault['how'] =
    kind === 'lostReply'
      ? 'lose'
      : kind === 'hang' || kind === 'reset'
        ? kind
        : { answer: '451 The server does not feel well.' };
  return { at: new RegExp(`^${plan.match?.command ?? 'RNTO'} `), how, times: plan.times ?? 1 };
}

async function bodyOf(message: IncomingMessage): Promise<Parameters<typeof faultOf>[0]> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer); // an IncomingMessage gives bytes
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Parameters<typeof faultOf>[0]; // the driver wrote it
}
