import type { Catalog } from './catalog.ts';
import type { CloudinaryClient } from './client.ts';
import type { CloudinaryConfig } from './config.ts';
import type { Folders } from './folders.ts';

/** What every part of this system works with. */
export type Cloudinary = {
  config: CloudinaryConfig;
  client: CloudinaryClient;
  catalog: Catalog;
  folders: Folders;
};
