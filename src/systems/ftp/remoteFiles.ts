import type { Readable, Writable } from 'node:stream';

/** A file or folder on the server. */
export type RemoteEntry = { name: string; kind: 'file' | 'folder' | 'other'; size: number };

/** `size`: bytes. */
export type RemoteStat = { size: number };

/**
 * One session on a file server, the same over FTP, FTPS and SFTP. One operation at a time. Every call throws `SystemError` only: with a `status` the
 * server said no, without one nobody knows whether it happened.
 */
export interface RemoteFiles {
  /** What is in a folder; names that are hostile or cannot be addressed are left out. */
  list(folder: string): Promise<readonly RemoteEntry[]>;
  /** Undefined where there is no such file (or we may not see it). */
  stat(path: string): Promise<RemoteStat | undefined>;
  /** Writes the file from byte `from` (default 0) into `into`, ends it, and answers how many bytes came. Does not know whether that was all: compare with `stat`. */
  get(path: string, into: Writable, from?: number): Promise<number>;
  /** Writes the file anew. A failure leaves what arrived. */
  put(path: string, from: Readable): Promise<void>;
  /** Adds to the end of a file that exists. */
  append(path: string, from: Readable): Promise<void>;
  /** Replaces `to` where the server does that; else `FTP_CANNOT_REPLACE`. */
  rename(from: string, to: string): Promise<void>;
  /** No file of that name is there afterwards. */
  remove(path: string): Promise<void>;
}

/**
 * A session and its end. `alive` asks the server for a sign of life; it never throws. `close` ends the session at once, whatever is under way; it never
 * throws.
 */
export type OpenFiles = { files: RemoteFiles; alive: () => Promise<boolean>; close: () => void };

/** Where and as whom, with the secrets in it: made for one session, kept nowhere. */
export type Endpoint = {
  /** Our name for it, for messages. */
  about: string;
  /** `ftps`: explicit TLS (AUTH TLS). */
  protocol: 'ftp' | 'ftps' | 'ftps-implicit' | 'sftp';
  host: string;
  port: number;
  user: string;
  password?: string;
  /** SFTP: PEM or OpenSSH form. */
  privateKey?: string;
  /** PEM of a private authority, used instead of the public ones. */
  ca?: string;
  /** SFTP: `SHA256:…` as ssh-keygen -l prints it. */
  hostKey?: string;
  /** Longest silence of the server, milliseconds. */
  stallMs: number;
};
