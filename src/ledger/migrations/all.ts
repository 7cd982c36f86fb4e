import type { Migration } from 'kysely/migration';
import { up as tables } from './0001-tables.ts';
import { up as evidence } from './0002-evidence.ts';
import { up as push } from './0003-push.ts';
import { up as naturalKeys } from './0004-natural-keys.ts';

/** In order. A migration that ran anywhere is never edited again; the rules' functions are no migration (rules/all.ts). */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-tables': { up: tables },
  '0002-evidence': { up: evidence },
  '0003-push': { up: push },
  '0004-natural-keys': { up: naturalKeys },
};
