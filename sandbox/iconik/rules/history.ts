import { idOf } from '../ids.ts';
import type { HistoryEntry } from '../parts.ts';
import type { State } from '../state.ts';

/** What an entry can be about (contract section 9: these four "and 24 more"). */
export const OPERATIONS = [
  ...['EXPORT', 'TRANSCODE', 'ANALYZE', 'ADD_FORMAT', 'DELETE_FORMAT', 'RESTORE_FORMAT', 'DELETE_FILESET'],
  ...['DELETE_FILE', 'RESTORE_FILESET', 'MODIFY_FILESET', 'APPROVE', 'REJECT', 'DOWNLOAD', 'METADATA', 'CUSTOM'],
  ...['TRANSCRIPTION', 'VERSION_CREATE', 'VERSION_DELETE', 'VERSION_UPDATE', 'VERSION_PROMOTE', 'RESTORE'],
  ...['RESTORE_FROM_GLACIER', 'ARCHIVE', 'RESTORE_ARCHIVE', 'DELETE', 'TRANSFER', 'UNLINK_SUBCLIP', 'FACE_RECOGNITION'],
];

/** Adds what happened to an asset; `at` is ISO 8601. */
export function addHistory(
  state: State,
  asset: string,
  operation: string,
  user: string | null,
  at: string,
  description: string | null = null,
): HistoryEntry {
  const entries = (state.history[asset] ??= []);
  const entry: HistoryEntry = {
    id: idOf('history', `${asset}/${entries.length}`),
    asset_id: asset,
    operation_type: operation,
    operation_description: description,
    user_id: user,
    share_id: null,
    share_user_id: null,
    job_id: null,
    version_id: null,
    date_created: at,
    date_modified: at,
  };
  entries.push(entry);
  return entry;
}
