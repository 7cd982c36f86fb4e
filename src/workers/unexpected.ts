/**
 * How an unforeseen error is named where others can read it, and found again in the worker's log: by an id made from class and message, so that
 * both sides compute the same one without telling each other. Loaded inside the workflow sandbox too: no imports.
 */

/** Errors whose sentence is our own (systems/errors.ts, provisioning/engine.ts, ledger/errors.ts) or the SDK's fixed wording: they keep it. */
const OWN = new Set([
  'SystemError',
  'EngineError',
  'LedgerError',
  'CancelledFailure',
  'ActivityReset',
  'ActivityPause',
  'DeterminismViolationError',
]);
const FIXED = [/^Failed to initialize workflow of type /, /^Activity function \S+ is not registered on this Worker/];
const REDUCED = /^Unexpected [\w$.]{1,80}( at [\w.-]+:\d+)?; see the worker's log with this id [0-9a-f]{8}$/;
const CODE = /^[A-Z][A-Z0-9_]{2,63}$/;

/** True where a failure of this type and message may leave as it is: coded by us, fixed wording, or reduced before. */
export function mayLeave(type: string, message: string): boolean {
  return CODE.test(type) || OWN.has(type) || FIXED.some((pattern) => pattern.test(message)) || REDUCED.test(message);
}

/** The class of whatever was thrown, as the SDK names it when it wraps an error. */
export function classOf(thrown: unknown): string {
  if (!(typeof thrown === 'object' && thrown !== null)) return typeof thrown;
  const name: unknown = thrown.constructor?.name || ('name' in thrown ? thrown.name : undefined);
  return typeof name === 'string' && /^[\w$.]{1,80}$/.test(name) ? name : 'Error';
}

/** Eight hexadecimal digits (FNV-1a) of class and message: one fault has one id, wherever and how often it happens. */
export function unexpectedId(type: string, message: string): string {
  let hash = 0x811c9dc5;
  for (const char of `${type}\n${message}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

/** `Unexpected TypeError at converge.ts:42; see the worker's log with this id 1f2e3d4c`. File and line are our own code's, without folders. */
export function unexpectedSentence(type: string, message: string, stack: string | undefined): string {
  const place = /[/\\(]([\w.-]+\.[cm]?[jt]s):(\d+):\d+\)?$/m.exec(stack ?? '');
  const at = place ? ` at ${place[1]}:${place[2]}` : '';
  return `Unexpected ${type}${at}; see the worker's log with this id ${unexpectedId(type, message)}`;
}
