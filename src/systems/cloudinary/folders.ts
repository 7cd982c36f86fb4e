import { SystemError } from '../errors.ts';
import type { CallContext } from '../port.ts';
import type { CloudinaryClient } from './client.ts';
import { cloudinaryError } from './errors.ts';
import { cursorPages } from './paging.ts';
import { Remembered } from './remembered.ts';
import { folderReply, foldersReply, type Folder } from './replies.ts';

/** The folders of one environment at one moment: immutable id → path. */
type Tree = ReadonlyMap<string, string>;

/** Folders of the configured environments. Rights hang on a folder's id, policies name its path. */
export class Folders {
  private readonly client: CloudinaryClient;
  private readonly trees: ReadonlyMap<string, Remembered<Tree>>;

  constructor(client: CloudinaryClient) {
    this.client = client;
    this.trees = new Map(
      client.clouds.map((cloud) => [
        cloud,
        new Remembered(client.choices.catalogMs, async (call) => await readTree(client, cloud, call)),
      ]),
    );
  }

  /**
   * Paths of these folders; one that Cloudinary no longer has, or does not show us, is missing. Undefined where we have no key for that environment. While
   * Cloudinary does not answer, an older look that knew all of them will do: an account must stay closable when only its folders cannot be read.
   */
  async paths(cloud: string, ids: readonly string[], call: CallContext): Promise<Tree | undefined> {
    const tree = this.trees.get(cloud);
    if (!tree) return undefined;
    try {
      const known = await tree.get(call);
      // The search may not have a new folder yet; by its id it is there at once.
      const added = ids.filter((id) => !known.has(id)).map(async (id) => await this.byId(cloud, id, call));
      return new Map([...known, ...(await Promise.all(added)).flatMap((one) => (one ? [one] : []))]);
    } catch (error) {
      const older = tree.known();
      const usable = older && ids.every((id) => older.has(id));
      if (usable && error instanceof SystemError && error.retryable && !call.signal.aborted) return older;
      throw error;
    }
  }

  /** Every folder of that environment, read now. Undefined where we have no key for it. */
  async freshTree(cloud: string, call: CallContext): Promise<Tree | undefined> {
    return await this.trees.get(cloud)?.fresh(call);
  }

  /** The folder at exactly that path now. Throws CLOUDINARY_UNKNOWN_FOLDER, CLOUDINARY_UNCONFIGURED_ENVIRONMENT. */
  async at(cloud: string, where: string, call: CallContext): Promise<Folder> {
    const plane = this.client.environment(cloud);
    if (!plane) throw cloudinaryError('CLOUDINARY_UNCONFIGURED_ENVIRONMENT', { about: cloud });
    // A read, although it is a PUT: contract section 6.
    const json = { path: where, case_sensitive: true };
    const found = await plane.ask({ method: 'PUT', at: below(cloud, '/folders/by_path'), json }, folderReply, call);
    if (found?.path !== where) throw cloudinaryError('CLOUDINARY_UNKNOWN_FOLDER', { about: where });
    return found;
  }

  private async byId(cloud: string, id: string, call: CallContext): Promise<[id: string, path: string] | undefined> {
    try {
      const request = { method: 'PUT' as const, at: below(cloud, '/folders/by_id'), json: { id } };
      const folder = await this.client.environment(cloud)?.ask(request, folderReply, call);
      return folder && [id, folder.path];
    } catch (error) {
      if (error instanceof SystemError && error.code === 'CLOUDINARY_FORBIDDEN') return undefined;
      throw error;
    }
  }
}

async function readTree(client: CloudinaryClient, cloud: string, call: CallContext): Promise<Tree> {
  const tree = new Map<string, string>();
  const pages = cursorPages(async (cursor) => {
    const json = {
      sort_by: [{ path: 'asc' }],
      max_results: client.choices.foldersPerPage,
      ...(cursor !== undefined && { next_cursor: cursor }),
    };
    const request = { method: 'POST' as const, at: below(cloud, '/folders/search'), json };
    return await client.environment(cloud)?.ask(request, foldersReply, call);
  });
  for await (const page of pages) {
    if (!page) throw cloudinaryError('CLOUDINARY_CONFLICT', { about: `the folders of ${cloud}` });
    for (const folder of page.folders) tree.set(folder.external_id, folder.path);
  }
  return tree;
}

function below(cloud: string, rest: string): string {
  return `/v1_1/${encodeURIComponent(cloud)}${rest}`;
}
