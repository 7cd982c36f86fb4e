import { createHash } from 'node:crypto';
import type { Person } from '../../domain/person.ts';
import type { SystemError } from '../errors.ts';
import type { CallContext, ChannelOutcome, Message } from '../port.ts';
import type { Channel, Notice, Part } from './channel.ts';
import type { DeviceRegistry, NoticeLog, SendName, SendRow } from './ports.ts';

export type DeliverDeps = {
  /** In this order. */
  channels: readonly Channel[];
  /** `first`: until one has accepted it, or may have. `all`: over every one of them. */
  over: 'first' | 'all';
  log: NoticeLog;
  devices: DeviceRegistry;
  /** `title`: push channels get no more than the title; text and mail always say everything. */
  pushText: 'full' | 'title';
};

/**
 * Sends one notice to one recipient, at most once on each channel and device: the intent is written before the send, and a send whose outcome nobody
 * knows is only repeated where the provider recognises the repeat. Call it again with the same key at any time: it goes on where it was.
 * @throws SystemError (retryable) when nothing was accepted yet and something may be tried again; what the log throws.
 */
export async function deliver(
  deps: DeliverDeps,
  message: Message,
  recipient: Person,
  call: CallContext,
): Promise<ChannelOutcome[]> {
  const before = await deps.log.sends(message.key);
  const outcomes: ChannelOutcome[] = [];
  let postponed: SystemError | undefined;
  for (const channel of deps.channels) {
    call.signal.throwIfAborted();
    const sending = new ChannelSending(deps, channel, message, recipient, before);
    const outcome = await sending.run(call);
    outcomes.push(outcome);
    postponed ??= sending.postponed;
    if (deps.over === 'first' && (outcome.state === 'accepted' || outcome.state === 'unknown')) return outcomes;
  }
  if (postponed) throw postponed;
  return outcomes;
}

/** One notice on one channel. */
class ChannelSending {
  /** Why something is to be tried again. */
  postponed: SystemError | undefined;
  private readonly deps: DeliverDeps;
  private readonly channel: Channel;
  private readonly message: Message;
  private readonly notice: Notice;
  private readonly recipient: Person;
  private readonly before: readonly SendRow[];

  constructor(deps: DeliverDeps, channel: Channel, message: Message, recipient: Person, before: readonly SendRow[]) {
    this.deps = deps;
    this.channel = channel;
    this.message = message;
    this.notice = noticeOf(message, channel, deps.pushText);
    this.recipient = recipient;
    this.before = before.filter((row) => row.channel === channel.name);
  }

  async run(call: CallContext): Promise<ChannelOutcome> {
    const parts = await this.channel.partsOf(this.recipient);
    const gone = this.before.filter((row) => parts.every((part) => part.id !== row.part));
    const results: Result[] = gone.map((row) => resultOf(row));
    for (const part of parts) results.push(await this.once(part, call));
    return summed(this.channel, results);
  }

  private async once(part: Part, call: CallContext): Promise<Result> {
    const known = this.before.find((row) => row.part === part.id);
    if (known && known.state !== 'intended' && known.state !== 'waiting') return resultOf(known);
    const name = { key: this.message.key, channel: this.channel.name, part: part.id };
    const about = { person: this.message.about, recipient: this.recipient.who };
    const ours = await this.deps.log.intend(name, about);
    // Somebody meant to send it and never said what came of it: they may have, so it is theirs unless the provider tells repeats apart.
    if (!ours && !this.channel.repeatable) {
      const unknown = { state: 'unknown', code: 'PUSH_INTERRUPTED' } as const;
      await this.deps.log.settle(name, unknown);
      return unknown;
    }
    return await this.send(name, part, call);
  }

  private async send(name: SendName, part: Part, call: CallContext): Promise<Result> {
    let sent = await this.channel.send(part, this.notice, messageIdOf(name), call);
    if (sent.state === 'unknown' && this.channel.repeatable && !call.signal.aborted)
      sent = await this.channel.send(part, this.notice, messageIdOf(name), call);
    if (sent.state === 'later') {
      this.postponed ??= sent.error;
      await this.deps.log.settle(name, { state: 'waiting', code: sent.error.code });
      return { state: 'later', code: sent.error.code };
    }
    await this.deps.log.settle(name, sent);
    if (sent.state === 'rejected' && sent.gone === true) await this.deps.devices.drop(part.id);
    return sent.state === 'accepted' ? { state: 'accepted' } : { state: sent.state, code: sent.code };
  }
}

/** Devices get what the operator lets stand on their screens. */
function noticeOf({ key, title, text }: Message, { kind }: Channel, pushText: DeliverDeps['pushText']): Notice {
  const id = createHash('sha256').update(key).digest('hex').slice(0, 32);
  return { id, title, text: kind === 'push' && pushText === 'title' ? '' : text };
}

type Result = { state: 'accepted' | 'unknown' | 'rejected' | 'later'; code?: string; before?: true };

/** An intent whose device is gone meanwhile: nobody will ever know. */
function resultOf({ state, code }: SendRow): Result {
  const known = state === 'intended' ? 'unknown' : state === 'waiting' ? 'rejected' : state;
  return { state: known, ...(code !== undefined && { code }), before: true };
}

/** One device that took it is enough; else what leaves most hope. */
function summed(channel: Channel, results: readonly Result[]): ChannelOutcome {
  for (const state of ['accepted', 'unknown', 'later', 'rejected'] as const) {
    const found = results.find((result) => result.state === state);
    if (found) return { channel: channel.name, ...found };
  }
  return { channel: channel.name, state: channel.nobody };
}

/** Names one send to providers that recognise repeats: 64 characters, of 80 allowed. */
function messageIdOf({ key, channel, part }: SendName): string {
  return createHash('sha256')
    .update(JSON.stringify([key, channel, part]))
    .digest('hex');
}
