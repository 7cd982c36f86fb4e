import { describe, expect, test } from '@jest/globals';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  DefaultFailureConverter,
  defaultPayloadConverter,
  ensureApplicationFailure,
} from '@temporalio/common';
import type { ProtoFailure } from '@temporalio/common';
import { SystemError } from '../systems/errors.ts';
import { failureConverter } from './failureConverter.ts';
import { unexpectedId } from './unexpected.ts';

const convert = (error: unknown): ProtoFailure => failureConverter.errorToFailure(error, defaultPayloadConverter);
const back = (failure: ProtoFailure) => failureConverter.failureToError(failure, defaultPayloadConverter);
const SECRET = 'ticket=abc ada@northwind.example';

function chain(failure: ProtoFailure | null | undefined): ProtoFailure[] {
  return failure ? [failure, ...chain(failure.cause)] : [];
}

describe('what leaves of an error', () => {
  test('a coded failure keeps code, sentence, details and retry', () => {
    const failure = convert(
      ApplicationFailure.create({
        message: 'The beneficiary cannot decide.',
        type: 'SELF_APPROVAL',
        nonRetryable: true,
        details: [{ n: 1 }],
        nextRetryDelay: '5s',
      }),
    );
    expect(failure.message).toBe('The beneficiary cannot decide.');
    expect(failure.applicationFailureInfo).toMatchObject({ type: 'SELF_APPROVAL', nonRetryable: true });
    expect(failure.applicationFailureInfo?.details?.payloads).toHaveLength(1);
    expect(Number(failure.applicationFailureInfo?.nextRetryDelay?.seconds)).toBe(5);
    expect(failure.encodedAttributes).toBeUndefined();
    expect(back(failure)).toMatchObject({ message: 'The beneficiary cannot decide.', type: 'SELF_APPROVAL' });
  });

  test('any other error becomes its class, a place without folders, and an id', () => {
    const failure = convert(new TypeError(SECRET));
    expect(failure.message).toMatch(
      /^Unexpected TypeError at failureConverter\.test\.ts:\d+; see the worker's log with this id [0-9a-f]{8}$/,
    );
    expect(failure.message).toContain(unexpectedId('TypeError', SECRET));
    expect(failure.applicationFailureInfo?.type).toBe('TypeError');
    expect(JSON.stringify(failure)).not.toContain('abc');
  });

  test('also when the SDK wrapped it before, and after it was converted once more', () => {
    const wrapped = ensureApplicationFailure(Object.assign(new RangeError(SECRET), { cause: new Error(SECRET) }));
    const once = convert(wrapped);
    expect(once.message).toMatch(/^Unexpected RangeError/);
    expect(JSON.stringify(once)).not.toContain('abc');
    expect(convert(back(once)).message).toBe(once.message);
  });

  test('the causes of a coded failure are reduced, none is lost', () => {
    const failure = convert(
      ApplicationFailure.create({
        message: 'iconik did not answer.',
        type: 'ICONIK_DOWN',
        cause: new Error(SECRET, { cause: new TypeError(SECRET) }),
      }),
    );
    expect(chain(failure).length).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(failure)).not.toContain('abc');
  });

  test('no stack trace anywhere, whoever wrote it', () => {
    const foreign = new DefaultFailureConverter().errorToFailure(
      new ActivityFailure(
        'failed',
        'converge',
        '1',
        'MAXIMUM_ATTEMPTS_REACHED',
        'w',
        ApplicationFailure.create({ message: SECRET, type: 'TypeError' }),
      ),
      defaultPayloadConverter,
    );
    expect(chain(foreign).some((link) => Boolean(link.stackTrace))).toBe(true);
    const failure = convert(back(foreign));
    expect(chain(failure).map((link) => link.stackTrace || '')).toEqual(['', '']);
    expect(failure.activityFailureInfo?.activityType?.name).toBe('converge');
    expect(JSON.stringify(failure)).not.toContain('abc');
  });

  test('our own uncast system errors and the SDK’s fixed sentences stay readable', () => {
    const init = { code: 'OTDS_DOWN', system: 'otds', retryable: true, message: 'OTDS did not answer.' };
    expect(convert(ensureApplicationFailure(new SystemError(init))).message).toBe('OTDS did not answer.');
    expect(convert(new SystemError(init)).message).toBe('OTDS did not answer.');
    const unknownType =
      "Failed to initialize workflow of type 'onbording': no such function is exported by the workflow bundle";
    expect(convert(new TypeError(unknownType)).message).toBe(unknownType);
    expect(convert(new CancelledFailure('WORKER_SHUTDOWN')).canceledFailureInfo).toBeDefined();
  });

  test.each([
    ['a string', `boom ${SECRET}`],
    ['an object', { password: SECRET }],
    ['nothing', undefined],
    ['null', null],
    ['an unnamed error', new (class extends Error {})(SECRET)],
  ])('thrown: %s', (_, thrown) => {
    const failure = convert(thrown);
    expect(failure.message).toMatch(/^Unexpected \S+.*; see the worker's log with this id /);
    expect(JSON.stringify(failure)).not.toContain('abc');
  });
});
