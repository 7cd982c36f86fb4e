import { ApplicationFailure } from '@temporalio/workflow';

/** A refusal for the operator: code and plain sentence, never retried, no stack (the UI would show its paths). */
export function refusal(code: string, message: string): ApplicationFailure {
  const failure = ApplicationFailure.nonRetryable(message, code);
  failure.stack = '';
  return failure;
}
