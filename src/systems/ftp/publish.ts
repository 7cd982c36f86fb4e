import { SystemError } from '../errors.ts';
import { storedSha256, type Content } from './content.ts';
import { ftpError } from './errors.ts';
import { partPath } from './names.ts';
import type { RemoteFiles } from './remoteFiles.ts';

export type PublishOptions = {
  /** For messages. */
  about: string;
  /** How a file that is there is replaced. With `delete-then-rename` readers find none for a moment. */
  replaceMode: 'overwrite' | 'delete-then-rename';
};

/** The last step was asked for and not answered: the file may have its name or get it yet. Read before repeating. */
export class LostReply extends Error {
  readonly code: string;

  constructor(code: string) {
    super('The answer to the last step of a publication was lost.');
    this.name = 'LostReply';
    this.code = code;
  }
}

/** Sent again from nothing so often where what is stored differs from what was sent. */
const TRIES = 2;

/**
 * Complete or nothing (contract files.md, section 4): uploads beside the file under a name bound to the content, goes on where an earlier attempt broke
 * off, reads back what was stored, and only then renames. Published already: does nothing.
 * @throws LostReply once the file may have been replaced; SystemError before that, when it certainly was not.
 */
export async function publish(
  files: RemoteFiles,
  path: string,
  content: Content,
  options: PublishOptions,
): Promise<'published' | 'unchanged'> {
  const { about } = options;
  const part = partPath(path, content.sha256);
  const there = await files.stat(path);
  if (there?.size === content.size && (await storedSha256(files, path, about)) === content.sha256) {
    await files.remove(part);
    return 'unchanged';
  }
  for (let tries = 1; !(await uploaded(files, part, content, about)); tries++) {
    await files.remove(part);
    if (tries === TRIES) throw ftpError('FTP_DAMAGED', { about });
  }
  await replace(files, part, path, there !== undefined, options);
  return 'published';
}

/** The truth about an upload that broke off is the server's size of the part, never what we think we sent. */
async function uploaded(files: RemoteFiles, part: string, content: Content, about: string): Promise<boolean> {
  let stored = (await files.stat(part))?.size;
  if (stored !== undefined && stored > content.size) {
    await files.remove(part);
    stored = undefined;
  }
  if (stored === undefined) await files.put(part, content.from(0));
  else if (stored < content.size) await files.append(part, content.from(stored));
  if ((await files.stat(part))?.size !== content.size) return false;
  return (await storedSha256(files, part, about)) === content.sha256;
}

async function replace(
  files: RemoteFiles,
  part: string,
  path: string,
  exists: boolean,
  { about, replaceMode }: PublishOptions,
): Promise<void> {
  try {
    if (exists && replaceMode === 'delete-then-rename') await files.remove(path);
    await files.rename(part, path);
  } catch (error) {
    if (!(error instanceof SystemError) || error.status === undefined) {
      throw new LostReply(error instanceof SystemError ? error.code : 'FTP_RESET');
    }
    // Listing and writing were allowed a moment ago: what is refused is to replace.
    if (exists && error.code === 'FTP_REFUSED') throw ftpError('FTP_CANNOT_REPLACE', { about, status: error.status });
    throw error;
  }
}
