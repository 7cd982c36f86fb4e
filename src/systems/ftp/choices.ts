/** What nobody could confirm, and what the product may safely choose; each in one place (contract files.md, section 13). */
export type FtpChoices = {
  /** A server that does not move a byte for so long is given up, milliseconds; the call's own limit may come first. */
  stallMs: number;
  /** A list that is larger is refused, bytes: it is held in memory while it is changed. */
  maxListBytes: number;
  /** `list` gives at most about so many names on a page. */
  namesPerPage: number;
  /** A session that did its work waits so long for more, milliseconds. */
  keepMs: number;
  /** Pause before wrong credentials, certificates and host keys are tried again, milliseconds: repeated failures lock accounts. */
  credentialsWaitMs: number;
  /** A line of a list that begins with it is a comment. */
  comment: string;
};

export const defaultChoices: FtpChoices = {
  stallMs: 15_000,
  maxListBytes: 16 * 1024 * 1024,
  namesPerPage: 20_000,
  keepMs: 2_000,
  credentialsWaitMs: 300_000,
  comment: '#',
};
