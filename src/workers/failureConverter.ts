import { ApplicationFailure, DefaultFailureConverter, TemporalFailure } from '@temporalio/common';
import type { PayloadConverter, ProtoFailure } from '@temporalio/common';
import { classOf, mayLeave, unexpectedSentence } from './unexpected.ts';

type Context = Parameters<DefaultFailureConverter['errorToFailure']>[2];

/**
 * What may be read of an error outside the worker. Failures with a code of ours (`LEASE_LOST`) keep code, sentence and details; anything else is
 * reduced to its class and the place in the log (`unexpected.ts`), because a foreign message may hold secrets or personal data. No stack traces:
 * the UI would show them, with paths, under a rejected update. Common attributes are never encoded: `temporal workflow result` could not show them
 * (TEMPORAL-MEASURED 8). Loaded by path: in workers, in clients and inside the workflow bundle.
 */
class ReducingFailureConverter extends DefaultFailureConverter {
  constructor() {
    super({ encodeCommonAttributes: false });
  }

  override errorToFailure(error: unknown, payloads: PayloadConverter, context?: Context): ProtoFailure {
    if (error instanceof ApplicationFailure && error.failure == null && !mayLeave(error.type ?? '', error.message)) {
      return reduced(error.type ?? 'Error', error.message, error.stack, error.nonRetryable ?? false);
    }
    // A failure that came over the wire goes on as it came, with the same care: its sender may have had another converter.
    if (error instanceof TemporalFailure) return reduceRaw(super.errorToFailure(error, payloads, context));
    const isError = typeof error === 'object' && error !== null && 'message' in error;
    const message = isError ? String(error.message) : String(error);
    const stack = isError && 'stack' in error ? String(error.stack) : undefined;
    const type = classOf(error);
    if (mayLeave(type, message)) {
      return {
        source: 'TypeScriptSDK',
        message,
        stackTrace: '',
        applicationFailureInfo: { type, nonRetryable: false },
      };
    }
    return reduced(type, message, stack, false);
  }
}

function reduced(type: string, message: string, stack: string | undefined, nonRetryable: boolean): ProtoFailure {
  return {
    source: 'TypeScriptSDK',
    message: unexpectedSentence(type, message, stack),
    stackTrace: '',
    applicationFailureInfo: { type, nonRetryable },
  };
}

function reduceRaw(failure: ProtoFailure): ProtoFailure {
  const cause = failure.cause ? { cause: reduceRaw(failure.cause) } : {};
  const info = failure.applicationFailureInfo;
  if (info && !mayLeave(info.type ?? '', failure.message ?? '')) {
    return {
      ...reduced(info.type || 'Error', failure.message ?? '', failure.stackTrace ?? '', info.nonRetryable ?? false),
      ...cause,
    };
  }
  return { ...failure, stackTrace: '', ...cause };
}

export const failureConverter = new ReducingFailureConverter();
