import type { Directory } from '../../src/systems/port.ts';

/**
 * What the suite needs of a directory under test: the company of the sandbox in it (`sandbox/company.ts`), clients of ours, edits past our client,
 * and a wire that breaks. People are `login@partition`, groups `name@partition`.
 */
export type DirectoryBench = {
  directory(options?: { pageSize?: number; now?: string; requestMs?: number; password?: 'wrong' }): Directory;
  /** A directory at an address where nobody listens. */
  nowhere(): Promise<Directory>;
  hire(who: string): Promise<void>;
  makeGroup(group: string, members: readonly string[]): Promise<void>;
  join(who: string, group: string): Promise<void>;
  leave(who: string, group: string): Promise<void>;
  disable(who: string): Promise<void>;
  department(who: string, to: string): Promise<void>;
  /** Something that is no date; answers it as it stands there. */
  unreadableEnd(who: string): Promise<string>;
  remove(who: string): Promise<void>;
  /** From now on a scan with pages of seven breaks somewhere after its beginning. */
  cutScans(): Promise<void>;
  /** From now on no answer comes. */
  fallSilent(): Promise<void>;
  /** Texts that no error may hold. */
  secrets: readonly string[];
  /** Seed state, nothing broken. */
  reset(): Promise<void>;
  close(): Promise<void>;
};
