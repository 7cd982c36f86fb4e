/** The port `RemoteFiles` against real servers, the same story over every protocol. */
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { findDaemon, withDaemon } from '../../../test/support/daemons.ts';
import {
  PASSWORD,
  startProftpd,
  startSshd,
  USER,
  WRONG_NAME,
  type FtpServer,
  type SshServer,
} from '../../../test/support/ftpServers.ts';
import { until } from '../../../test/support/until.ts';
import { contentOf, readBytes } from './content.ts';
import { openFtp } from './ftpFiles.ts';
import { publish } from './publish.ts';
import type { Endpoint, OpenFiles, RemoteFiles } from './remoteFiles.ts';
import { openSftp } from './sftpFiles.ts';

const proftpd = findDaemon('proftpd');
const sshd = findDaemon('sshd');
let server: FtpServer;
let ssh: SshServer;
beforeAll(async () => {
  if (!('missing' in proftpd)) server = await startProftpd(proftpd);
  if (!('missing' in sshd)) ssh = await startSshd(sshd);
});
afterAll(async () => {
  await server?.close();
  await ssh?.close();
});

type Way = { name: string; real: typeof proftpd; endpoint: () => Endpoint; home: () => string };
const base = { about: 'acme', host: '127.0.0.1', user: USER, password: PASSWORD, stallMs: 10_000 };
const ca = (): string => readFileSync(server.ca, 'utf8');
const atProftpd = (name: string, endpoint: () => Partial<Endpoint> & Pick<Endpoint, 'protocol' | 'port'>): Way => ({
  name,
  real: proftpd,
  endpoint: () => ({ ...base, ...endpoint() }),
  home: () => server.home,
});
const WAYS: Way[] = [
  atProftpd('plain FTP', () => ({ protocol: 'ftp', port: server.ports.ftp })),
  atProftpd('FTPS, explicit', () => ({ protocol: 'ftps', port: server.ports.ftp, ca: ca() })),
  atProftpd('FTPS, implicit', () => ({ protocol: 'ftps-implicit', port: server.ports.implicit, ca: ca() })),
  atProftpd('SFTP of proftpd', () => ({ protocol: 'sftp', port: server.ports.sftp, hostKey: server.hostKey })),
  {
    name: 'SFTP of OpenSSH, with a key',
    real: sshd,
    endpoint: () => ({
      about: 'acme',
      protocol: 'sftp',
      host: '127.0.0.1',
      port: ssh.port,
      user: ssh.user,
      privateKey: readFileSync(ssh.privateKey, 'utf8'),
      hostKey: ssh.hostKey,
      stallMs: 10_000,
    }),
    home: () => ssh.home,
  },
];

const open = (endpoint: Endpoint, signal = new AbortController().signal): Promise<OpenFiles> =>
  endpoint.protocol === 'sftp' ? openSftp(endpoint, signal) : openFtp(endpoint, signal);

async function using<T>(endpoint: Endpoint, work: (files: RemoteFiles) => Promise<T>): Promise<T> {
  const { files, close } = await open(endpoint);
  try {
    return await work(files);
  } finally {
    close();
  }
}

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const OVERWRITE = { about: 'acme', replaceMode: 'overwrite' } as const;

describe.each(WAYS)('$name', ({ real, endpoint, home }) => {
  const real_ = withDaemon(real);

  real_('lists, tells sizes, reads from an offset, writes, appends, replaces by renaming, removes', async () => {
    await using(endpoint(), async (files) => {
      const path = join(home(), 'a.csv');
      expect(await files.stat(path)).toBeUndefined();
      await files.put(path, Readable.from([Buffer.from('hello ')]));
      await files.append(path, Readable.from([Buffer.from('world')]));
      expect(await files.stat(path)).toEqual({ size: 11 });
      expect((await readBytes(files, path, 'acme')).toString()).toBe('hello world');
      const rest: Buffer[] = [];
      const into = new Writable({ write: (chunk: Buffer, _e, done) => (rest.push(chunk), done()) });
      expect(await files.get(path, into, 6)).toBe(5);
      expect(Buffer.concat(rest).toString()).toBe('world');
      await files.put(join(home(), 'b.csv'), Readable.from([Buffer.from('new')]));
      await files.rename(join(home(), 'b.csv'), path);
      expect(readFileSync(path, 'utf8')).toBe('new');
      expect(await files.list(home())).toEqual([{ name: 'a.csv', kind: 'file', size: 3 }]);
      await files.remove(path);
      await files.remove(path);
      expect(await files.list(home())).toEqual([]);
      await expect(files.rename(join(home(), 'none'), path)).rejects.toMatchObject({
        code: 'FTP_REFUSED',
        status: 550,
      });
    });
  });

  real_(
    'publishes a large file whole, goes on from the part that is there, and does nothing the second time',
    async () => {
      const bytes = randomBytes(3_000_000);
      const path = join(home(), 'large.bin');
      const part = join(home(), `.large.bin.${sha(bytes).slice(0, 12)}.part`);
      writeFileSync(part, bytes.subarray(0, 1_234_567), { mode: 0o666 });
      await using(endpoint(), async (files) => {
        const sent: number[] = [];
        const content = contentOf(bytes);
        const counted = { ...content, from: (start: number) => (sent.push(start), content.from(start)) };
        expect(await publish(files, path, counted, OVERWRITE)).toBe('published');
        expect(sent).toEqual([1_234_567]);
        expect(sha(readFileSync(path))).toBe(sha(bytes));
        expect(await publish(files, path, counted, OVERWRITE)).toBe('unchanged');
        expect(sent).toHaveLength(1);
        await files.remove(path);
      });
      expect(readdirSync(home())).toEqual([]);
    },
  );

  real_('a part that holds other bytes is found out by its hash and sent again', async () => {
    const bytes = randomBytes(100_000);
    const path = join(home(), 'x.bin');
    writeFileSync(join(home(), `.x.bin.${sha(bytes).slice(0, 12)}.part`), Buffer.alloc(50_000), { mode: 0o666 });
    await using(endpoint(), async (files) => {
      await publish(files, path, contentOf(bytes), OVERWRITE);
      expect(sha(readFileSync(path))).toBe(sha(bytes));
      await files.remove(path);
    });
  });

  real_('a wrong login is told, and nothing stays open', async () => {
    const wrong = endpoint().privateKey === undefined ? { password: 'wrong' } : { user: 'somebody-else' };
    await expect(open({ ...endpoint(), ...wrong })).rejects.toMatchObject({
      code: 'FTP_CREDENTIALS',
      retryAt: expect.any(String),
    });
  });

  real_('cancelling ends the session in the middle of an upload', async () => {
    const gone = new AbortController();
    const { files, close } = await open(endpoint(), gone.signal);
    const slow = new Readable({ read: () => undefined });
    slow.push(Buffer.alloc(1000));
    const upload = files.put(join(home(), 'cancelled.bin'), slow);
    const failed = expect(upload).rejects.toMatchObject({ system: 'ftp' });
    await until('the upload to begin', async () => existsSync(join(home(), 'cancelled.bin')));
    gone.abort();
    await failed;
    close();
    slow.destroy();
    await using(endpoint(), (again) => again.remove(join(home(), 'cancelled.bin')));
  });
});

describe('proftpd', () => {
  const real = withDaemon(proftpd);

  real('an untrusted certificate and one for another name are refused, explicit and implicit', async () => {
    const otherCa = readFileSync(server.otherCa, 'utf8');
    for (const way of [WAYS[1]!, WAYS[2]!]) {
      await expect(open({ ...way.endpoint(), ca: otherCa })).rejects.toMatchObject({ code: 'FTP_TLS' });
      const { ca: _ca, ...publicOnly } = way.endpoint();
      await expect(open(publicOnly)).rejects.toMatchObject({ code: 'FTP_TLS' });
      await expect(open({ ...way.endpoint(), host: WRONG_NAME })).rejects.toMatchObject({ code: 'FTP_TLS' });
    }
  });

  real('a wrong host key is refused before the password is sent', async () => {
    const wrong = `SHA256:${'A'.repeat(43)}`;
    await expect(open({ ...WAYS[3]!.endpoint(), hostKey: wrong })).rejects.toMatchObject({ code: 'FTP_HOST_KEY' });
  });

  real('nobody listening is unavailable', async () => {
    for (const way of WAYS.slice(0, 4))
      await expect(open({ ...way.endpoint(), port: 1 })).rejects.toMatchObject({
        code: 'FTP_UNAVAILABLE',
        retryable: true,
      });
  });

  for (const { name, endpoint, home } of WAYS.slice(0, 4)) {
    real(`${name}: killed in the middle of an upload it resumes from the size the server says`, async () => {
      const bytes = randomBytes(8_000_000);
      const path = join(home(), 'cut.bin');
      const part = join(home(), `.cut.bin.${sha(bytes).slice(0, 12)}.part`);
      const content = contentOf(bytes);
      const starts: number[] = [];
      // Kills the session's process when half has been read from us, once.
      const cut = {
        ...content,
        from: (start: number) => {
          starts.push(start);
          let sent = 0;
          return Readable.from(
            (async function* () {
              for await (const piece of content.from(start)) {
                if (starts.length === 1 && (sent += (piece as Buffer).length) > 4_000_000) {
                  await until(
                    'bytes to arrive',
                    async () => (statSync(part, { throwIfNoEntry: false })?.size ?? 0) > 0,
                  );
                  server.killSessions();
                }
                yield piece;
              }
            })(),
            { objectMode: false },
          );
        },
      };
      await expect(using(endpoint(), (files) => publish(files, path, cut, OVERWRITE))).rejects.toMatchObject({
        code: 'FTP_RESET',
        retryable: true,
      });
      const arrived = statSync(part).size;
      expect(arrived).toBeGreaterThan(0);
      await using(endpoint(), (files) => publish(files, path, cut, OVERWRITE));
      expect(starts).toEqual([0, arrived]);
      expect(sha(readFileSync(path))).toBe(sha(bytes));
      await using(endpoint(), (files) => files.remove(path));
    });
  }
});
