/** What push keeps in the ledger's database, seen from here: who carries which device, and what was sent under which key. */

/** Which driver's app made a token. */
export type DeviceDriver = 'fcm' | 'opentext_notifications';

/** A device as it may be shown: without its token. `id` is ours. */
export type Device = {
  id: string;
  driver: DeviceDriver;
  platform: 'android' | 'ios';
  /** ISO instant at which its app last said that it is there. */
  seenAt: string;
  /** Not seen for 60 days: kept for the record, nothing is sent to it. */
  stale: boolean;
};

/** `person` is the uuid. A token is a secret: sealed at rest, in no log, error or history. */
export type NewDevice = { person: string; driver: DeviceDriver; platform: Device['platform']; token: string };

/** Our own registry of devices: the directory knows none, and two of the three drivers leave tokens to us. */
export interface DeviceRegistry {
  /** What an app says at its start. A known token counts as seen now; one that another person had is taken from them. */
  register(device: NewDevice): Promise<void>;
  devicesOf(person: string): Promise<readonly Device[]>;
  /** Tokens to send to, most recently seen first; stale devices and tokens that no present key opens are left out. */
  tokensOf(person: string, driver: DeviceDriver): Promise<readonly { id: string; token: string }[]>;
  /** Removes one device: its token is dead, or the person gave it up. */
  drop(id: string): Promise<void>;
  /** Removes all devices of a person. */
  forget(person: string): Promise<void>;
  /** People with devices after that uuid, in its order. `who` is the uuid where the ledger knows nobody of that uuid. */
  holders(
    after: string | undefined,
    limit: number,
  ): Promise<readonly { person: string; who: string; devices: readonly string[] }[]>;
}

/**
 * `intended`: written before the send, outcome not known (yet). `waiting`: certainly not sent, may be tried again. The others are final, but
 * `unknown` may still become `accepted` when the attempt that sent it reports late.
 */
export type SendState = 'intended' | 'waiting' | 'accepted' | 'rejected' | 'unknown';

/** One send of a notice: over one channel, to one part of the recipient's addresses (a device, or all of the channel's). */
export type SendName = { key: string; channel: string; part: string };
export type SendRow = Omit<SendName, 'key'> & { state: SendState; ref?: string; code?: string };

/** Every send, recorded before it is made: what keeps a notice from going out twice. */
export interface NoticeLog {
  sends(key: string): Promise<readonly SendRow[]>;
  /** True: the intent is written and the caller may send. False: another attempt wrote it, and it is not `waiting`. */
  intend(send: SendName, about: { person: string; recipient: string }): Promise<boolean>;
  settle(send: SendName, outcome: { state: SendState; ref?: string; code?: string }): Promise<void>;
}
