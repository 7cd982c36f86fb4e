import { Client, FileType, FTPError, type FileInfo } from 'basic-ftp';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Counted } from './counted.ts';
import { ftpError, ftpFailure } from './errors.ts';
import { usableName } from './names.ts';
import type { Endpoint, OpenFiles, RemoteEntry, RemoteFiles } from './remoteFiles.ts';

/** Largest listing that is read, bytes: a server must not fill our memory. */
const MAX_LISTING_BYTES = 8 * 1024 * 1024;

/** Opens a session over FTP or FTPS. The session ends when `signal` aborts. @throws SystemError; nothing stays open then. */
export async function openFtp(endpoint: Endpoint, signal: AbortSignal): Promise<OpenFiles> {
  const client = new Client(endpoint.stallMs, { allowSeparateTransferHost: false, maxListingBytes: MAX_LISTING_BYTES });
  // A failed `access` leaves its socket open, and so the process alive.
  const close = (): void => {
    signal.removeEventListener('abort', close);
    client.close();
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    signal.throwIfAborted();
    await client.access({
      host: endpoint.host,
      port: endpoint.port,
      user: endpoint.user,
      password: endpoint.password ?? '',
      secure: endpoint.protocol === 'ftps-implicit' ? 'implicit' : endpoint.protocol === 'ftps',
      ...(endpoint.ca === undefined ? {} : { secureOptions: { ca: endpoint.ca } }),
    });
  } catch (error) {
    close();
    throw accessFailure(error, endpoint);
  }
  const alive = (): Promise<boolean> =>
    client.send('NOOP').then(
      () => true,
      () => false,
    );
  return { files: filesOf(client, endpoint.about), alive, close };
}

/** `AUTH TLS` is refused with 500, 502, 504 or 534 by a server without TLS: the session must not go on in the clear. */
function accessFailure(error: unknown, { about, protocol }: Endpoint): Error {
  const noTls = error instanceof FTPError && [500, 502, 504, 534].includes(error.code);
  return noTls && protocol === 'ftps' ? ftpError('FTP_NOT_ENCRYPTED', { about }) : ftpFailure(error, about);
}

function filesOf(client: Client, about: string): RemoteFiles {
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw ftpFailure(error, about);
    }
  };
  return {
    list: async (folder) => (await asked(() => client.list(folder))).filter((f) => usableName(f.name)).map(entryOf),
    stat: async (path) => {
      try {
        return { size: await client.size(path) };
      } catch (error) {
        if (error instanceof FTPError && error.code === 550) return undefined;
        throw ftpFailure(error, about);
      }
    },
    get: (path, into, from = 0) => asked(() => download(client, path, into, from)),
    put: async (path, from) => void (await asked(() => client.uploadFrom(from, path))),
    append: async (path, from) => void (await asked(() => client.appendFrom(from, path))),
    rename: async (from, to) => void (await asked(() => client.rename(from, to))),
    remove: async (path) => {
      try {
        await client.remove(path);
      } catch (error) {
        const gone = error instanceof FTPError && error.code === 550 && (await asked(() => absent(client, path)));
        if (!gone) throw ftpFailure(error, about);
      }
    },
  };
}

async function absent(client: Client, path: string): Promise<boolean> {
  try {
    await client.size(path);
    return false;
  } catch (error) {
    if (error instanceof FTPError && error.code === 550) return true;
    throw error;
  }
}

async function download(client: Client, path: string, into: Writable, from: number): Promise<number> {
  const counted = new Counted();
  const written = pipeline(counted, into);
  written.catch(() => undefined);
  try {
    await client.downloadTo(counted, path, from);
  } catch (error) {
    counted.destroy();
    throw error;
  }
  await written;
  return counted.bytes;
}

function entryOf({ name, type, size }: FileInfo): RemoteEntry {
  if (type === FileType.Directory) return { name, kind: 'folder', size };
  return { name, kind: type === FileType.File ? 'file' : 'other', size };
}
