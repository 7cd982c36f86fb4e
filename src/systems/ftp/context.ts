import type { Person } from '../../domain/person.ts';
import type { AccountRef } from '../port.ts';
import type { FtpConfig } from './block.ts';
import type { FtpChoices } from './choices.ts';
import type { PartnerList } from './partnerList.ts';
import { idOf } from './rowValues.ts';

/** What the parts of this target share. */
export type Ftp = {
  config: FtpConfig;
  choices: FtpChoices;
  /** By the partner's name. */
  lists: ReadonlyMap<string, PartnerList>;
};

export const PREFIX = 'ftp:list/';

/** Names under which rows of this person may stand: the one of the link, and the present one after a rename. */
export function keysOf(config: FtpConfig, { nativeId, person }: AccountRef & { person: Person }): string[] {
  return [nativeId, idOf(config, person)].filter((key) => key !== undefined);
}
