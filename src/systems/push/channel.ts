import type { SystemError } from '../errors.ts';
import type { CallContext } from '../port.ts';
import type { Person } from '../../domain/person.ts';

export const channelNames = ['opentext_notifications', 'otag', 'fcm', 'sms', 'email'] as const;
/** The three push drivers, and text and mail of OpenText Notifications. */
export type ChannelName = (typeof channelNames)[number];

/** One message, the same on every channel. */
export type Notice = {
  /** Its name for devices and gateways: the same for every repeat. */
  id: string;
  /** Short, without personal data: it stands on locked screens. */
  title: string;
  text: string;
};

/** Where one send goes. `id` tells the sends of a channel apart and may be kept; addresses are secrets or personal data and are not. */
export type Part = { id: string; addresses: readonly string[] };

/**
 * What became of one send. `accepted` means that the provider took it, never that it was delivered. `unknown`: it may have been accepted. `later`:
 * certainly not accepted, the same send may be tried again. `gone`: the address is dead, forget the device.
 */
export type Sent =
  | { state: 'accepted'; ref?: string }
  | { state: 'rejected'; code: string; gone?: boolean }
  | { state: 'unknown'; code: string }
  | { state: 'later'; error: SystemError };

export type ChannelProbe = { reachable: boolean; credentials: boolean; problems: readonly string[] };

/** One way to reach people. */
export interface Channel {
  readonly name: ChannelName;
  /** Shown on a device's screen, or a text or mail to be opened. */
  readonly kind: 'push' | 'letter';
  /** True: the provider recognises a repeat of the same send, so one whose reply was lost is repeated. False: at most once. */
  readonly repeatable: boolean;
  /** What a recipient without an address there is recorded as. */
  readonly nobody: 'no_device' | 'no_address';
  partsOf(recipient: Person): Promise<readonly Part[]>;
  /** Throws nothing but bugs. `messageId`: the name of this very send, for providers that recognise repeats. */
  send(part: Part, notice: Notice, messageId: string, call: CallContext): Promise<Sent>;
  /** Asks without sending anything. Says what is wrong instead of throwing. */
  probe(call: CallContext): Promise<ChannelProbe>;
  close(): Promise<void>;
}
