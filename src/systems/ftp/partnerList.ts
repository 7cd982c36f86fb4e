import { SystemError } from '../errors.ts';
import type { ApplyContext } from '../port.ts';
import type { PartnerConfig } from './block.ts';
import { emptyList, ListProblem, parseList, type AccessList, type ListLayout } from './accessList.ts';
import type { FtpChoices } from './choices.ts';
import { contentOf, readBytes } from './content.ts';
import { ftpError } from './errors.ts';
import { inFolder, isPartOf, partPath, splitPath } from './names.ts';
import { publish } from './publish.ts';
import type { RemoteFiles } from './remoteFiles.ts';
import type { Sessions } from './sessions.ts';
import { SharedRead } from './sharedRead.ts';

/** Reads of a list that changes each time. */
const READ_TRIES = 3;

/** The published access list of one partner. */
export class PartnerList {
  readonly name: string;
  readonly config: PartnerConfig;
  private readonly sessions: Sessions;
  private readonly choices: FtpChoices;
  private readonly layout: ListLayout;
  private readonly shared: SharedRead<AccessList>;

  constructor(name: string, config: PartnerConfig, sessions: Sessions, choices: FtpChoices) {
    this.name = name;
    this.config = config;
    this.sessions = sessions;
    this.choices = choices;
    const { key, columns, delimiter } = config.list;
    this.layout = { key, columns, delimiter, comment: choices.comment };
    this.shared = new SharedRead((signal) => sessions.use({ first: false, signal }, (files) => this.fetch(files)));
  }

  /** The list as published now, read back from the server. @throws SystemError */
  async read(signal: AbortSignal): Promise<AccessList> {
    try {
      return await this.shared.read(signal);
    } catch (error) {
      // Whoever waits in vain is told so; the read goes on for the others.
      if (signal.aborted) throw ftpError(isLate(signal) ? 'FTP_TIMEOUT' : 'FTP_ABORTED', { about: this.name });
      throw error;
    }
  }

  /**
   * Reads, changes and publishes the list under its lease; `edit` answers undefined where nothing is to be changed. @throws LostReply where the new
   * list may or may not be published; SystemError where it certainly is not.
   */
  async change(edit: (list: AccessList) => Buffer | undefined, call: ApplyContext): Promise<void> {
    await call.withSharedObject(`ftp:list/${this.name}`, () =>
      this.sessions.use({ first: true, signal: call.signal }, (files) => this.rewrite(files, edit)),
    );
  }

  private async rewrite(files: RemoteFiles, edit: (list: AccessList) => Buffer | undefined): Promise<void> {
    const { replaceMode } = this.config;
    for (;;) {
      const bytes = edit(await this.fetch(files));
      const content = bytes && contentOf(bytes);
      // A writer before us may have asked for a last step that still comes: without its part that can do nothing. Then the list is read again.
      if (await this.removeParts(files, content && partPath(this.path, content.sha256))) continue;
      if (content) await publish(files, this.path, content, { about: this.name, replaceMode });
      return;
    }
  }

  /** Removes what earlier writers left, but the part that we would send ourselves. True: there was something. */
  private async removeParts(files: RemoteFiles, ours: string | undefined): Promise<boolean> {
    const parts = (await this.parts(files)).filter((path) => path !== ours);
    for (const path of parts) await files.remove(path);
    return parts.length > 0;
  }

  private async parts(files: RemoteFiles): Promise<string[]> {
    const { folder, name } = splitPath(this.path);
    const listed = await files.list(folder);
    return listed.filter((entry) => isPartOf(name, entry.name)).map((entry) => inFolder(folder, entry.name));
  }

  private async fetch(files: RemoteFiles): Promise<AccessList> {
    const about = this.name;
    const there = await files.stat(this.path);
    if (there === undefined) return await this.missing(files);
    if (there.size > this.choices.maxListBytes) throw ftpError('FTP_LIST_TOO_LARGE', { about });
    const bytes = await this.settled(files);
    try {
      return parseList(bytes, this.layout);
    } catch (error) {
      if (error instanceof ListProblem) throw ftpError('FTP_LIST_UNREADABLE', { about });
      throw error;
    }
  }

  /** A list that is published while we read it is read again at once. */
  private async settled(files: RemoteFiles): Promise<Buffer> {
    for (let tries = 1; ; tries++) {
      try {
        return await readBytes(files, this.path, this.name);
      } catch (error) {
        const changed = error instanceof SystemError && error.code === 'FTP_CHANGED';
        if (!changed || tries === READ_TRIES) throw error;
      }
    }
  }

  /** Only a list that is to be made counts as empty: a wrong path must not look like "nobody is on it". Nor must a list in the middle of being replaced. */
  private async missing(files: RemoteFiles): Promise<AccessList> {
    const half = this.config.replaceMode === 'delete-then-rename' && (await this.parts(files)).length > 0;
    if (!this.config.list.create || half) throw ftpError('FTP_LIST_MISSING', { about: this.name });
    return parseList(emptyList(this.layout), this.layout);
  }

  private get path(): string {
    return this.config.list.path;
  }
}

function isLate(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return reason instanceof Error && reason.name === 'TimeoutError';
}
