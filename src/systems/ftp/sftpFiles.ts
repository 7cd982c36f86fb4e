import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import SftpClient from 'ssh2-sftp-client';
import { isRecord } from '../transport.ts';
import { Counted } from './counted.ts';
import { ftpError, ftpFailure } from './errors.ts';
import { usableName } from './names.ts';
import type { Endpoint, OpenFiles, RemoteEntry, RemoteFiles } from './remoteFiles.ts';

/** SFTP status "failure" and "file exists": what OpenSSH and proftpd answer to a plain rename over a file. */
const EXISTS = new Set([4, 11]);

/** Opens a session over SFTP. The session ends when `signal` aborts. @throws SystemError; nothing stays open then. */
export async function openSftp(endpoint: Endpoint, signal: AbortSignal): Promise<OpenFiles> {
  const { about, hostKey } = endpoint;
  // With callbacks of our own it does not print to the console.
  const quiet = (): void => undefined;
  const client = new SftpClient('tenure', { error: quiet, end: quiet, close: quiet });
  let socket: Socket | undefined;
  let keyRefused = false;
  const close = (): void => {
    signal.removeEventListener('abort', close);
    // `end` waits for the server; the socket does not.
    client.end().catch(quiet);
    socket?.destroy();
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    signal.throwIfAborted();
    socket = await connected(endpoint, signal);
    await client.connect({
      sock: socket,
      username: endpoint.user,
      ...(endpoint.password === undefined ? {} : { password: endpoint.password }),
      ...(endpoint.privateKey === undefined ? {} : { privateKey: endpoint.privateKey }),
      readyTimeout: endpoint.stallMs,
      // Without a verifier any key would do.
      hostVerifier: (key: Buffer) => {
        keyRefused = fingerprint(key) !== withoutPadding(hostKey ?? '');
        return !keyRefused;
      },
    });
  } catch (error) {
    close();
    throw keyRefused ? ftpError('FTP_HOST_KEY', { about }) : ftpFailure(error, about);
  }
  const gone = ended(socket);
  const alive = (): Promise<boolean> =>
    Promise.race([client.realPath('.'), gone]).then(
      () => true,
      () => false,
    );
  return { files: filesOf(client, about, gone), alive, close };
}

/** Rejects when the connection is gone: an operation of ssh2-sftp-client that is under way then may never answer. */
function ended(socket: Socket): Promise<never> {
  const gone = new Promise<never>((_done, failed) => {
    socket.once('close', () => failed(new Error('connection closed')));
  });
  gone.catch(() => undefined);
  return gone;
}

/** Our own socket: without TCP_NODELAY ssh2 takes seconds for a megabyte where its native part is missing. */
function connected({ host, port, stallMs }: Endpoint, signal: AbortSignal): Promise<Socket> {
  return new Promise((done, failed) => {
    const socket = connect({ host, port, noDelay: true, signal });
    socket.setTimeout(stallMs, () => socket.destroy(new Error('timed out')));
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      done(socket);
    });
  });
}

const fingerprint = (key: Buffer): string =>
  `SHA256:${withoutPadding(createHash('sha256').update(key).digest('base64'))}`;
const withoutPadding = (text: string): string => text.replace(/=+$/, '');

function filesOf(client: SftpClient, about: string, gone: Promise<never>): RemoteFiles {
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await Promise.race([work(), gone]);
    } catch (error) {
      throw ftpFailure(error, about);
    }
  };
  return {
    list: async (folder) => (await asked(() => client.list(folder))).filter((f) => usableName(f.name)).map(entryOf),
    stat: async (path) => {
      try {
        const { size } = await Promise.race([client.stat(path), gone]);
        return { size };
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw ftpFailure(error, about);
      }
    },
    get: (path, into, from = 0) =>
      asked(async () => {
        const counted = new Counted();
        await pipeline(client.createReadStream(path, { start: from }), counted, into);
        return counted.bytes;
      }),
    put: async (path, from) => void (await asked(() => client.put(from, path))),
    append: async (path, from) => void (await asked(() => client.append(from, path))),
    rename: async (from, to) => await Promise.race([rename(client, from, to, about), asked(() => gone)]),
    remove: async (path) => void (await asked(() => client.delete(path, true))),
  };
}

/** `posixRename` replaces; a server without it has only the plain one, which does not. */
async function rename(client: SftpClient, from: string, to: string, about: string): Promise<void> {
  try {
    await client.posixRename(from, to);
  } catch (error) {
    if (!/not support|extended request/i.test(error instanceof Error ? error.message : ''))
      throw ftpFailure(error, about);
    try {
      await client.rename(from, to);
    } catch (plain) {
      throw EXISTS.has(Number(codeOf(plain)))
        ? ftpError('FTP_CANNOT_REPLACE', { about, status: 550 })
        : ftpFailure(plain, about);
    }
  }
}

const codeOf = (error: unknown): unknown => (isRecord(error) ? error['code'] : undefined);

function entryOf({ name, type, size }: SftpClient.FileInfo): RemoteEntry {
  return { name, kind: type === 'd' ? 'folder' : type === '-' ? 'file' : 'other', size };
}
