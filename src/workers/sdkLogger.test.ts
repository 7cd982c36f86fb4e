import { expect, test } from '@jest/globals';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { createLogger } from '../log.ts';
import { failureConverter } from './failureConverter.ts';
import { sdkLogger } from './sdkLogger.ts';

function logged(write: (logger: ReturnType<typeof sdkLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(sdkLogger(createLogger({ level: 'trace', to: { write: (line) => void lines.push(line) } })));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('an unexpected error stands in the log under the id that its reduced failure names', () => {
  const error = new TypeError('something private');
  const [line] = logged(
    (logger) => void logger.warn('Activity failed', { error, workflowId: 'onboarding/ada.byrne@staff' }),
  );
  const failure = failureConverter.errorToFailure(error, defaultPayloadConverter);
  expect(failure.message).toContain(String(line?.['id']));
  expect(line).toMatchObject({
    level: 'warn',
    workflowId: 'onboarding/ada.byrne@staff',
    err: { type: 'TypeError', message: 'something private' },
  });
});

test('a coded failure is its code and sentence, without a stack', () => {
  const [line] = logged(
    (logger) =>
      void logger.warn('Activity failed', {
        error: ApplicationFailure.nonRetryable('No such person.', 'UNKNOWN_PERSON'),
      }),
  );
  expect(line).toMatchObject({ code: 'UNKNOWN_PERSON', problem: 'No such person.' });
  expect(line).not.toHaveProperty('err');
});

test('whole tasks, which hold people’s inputs, are left out', () => {
  const [line] = logged(
    (logger) =>
      void logger.error('x', { task: 'private', taskEncoded: 'private', completion: {}, queue: 'otds', at: 5n }),
  );
  expect(JSON.stringify(line)).not.toContain('private');
  expect(line).toMatchObject({ queue: 'otds', at: 5 });
});

test('what is said at every start is for debugging only', () => {
  const lines = logged((logger) => void logger.warn('No workflows registered, not polling for workflow tasks'));
  expect(lines[0]).toMatchObject({ level: 'debug' });
});
