import { SystemError } from './errors.ts';

/** One line of a system's error table. `{about}` in the message is replaced by what the caller names. */
export type ErrorRow = { retryable: boolean; message: string };

export type ErrorDetails = {
  status?: number | undefined;
  /** ISO instant, of `retryAtOf`. */
  retryAt?: string | undefined;
  /** Our own words for the object concerned (`ada.byrne@staff`); never vendor text. Default "the object". */
  about?: string | undefined;
};

/** Makes the errors of one system from its table: `const fail = errorTable('iconik', { ICONIK_RATE_LIMITED: {…} }); throw fail('ICONIK_RATE_LIMITED', {…})`. */
export function errorTable<C extends string>(
  system: string,
  rows: Readonly<Record<C, ErrorRow>>,
): (code: C, details?: ErrorDetails) => SystemError {
  return (code, details = {}) => {
    const row = rows[code];
    return new SystemError({
      code,
      system,
      retryable: row.retryable,
      message: row.message.replaceAll('{about}', () => details.about ?? 'the object'),
      ...(details.status === undefined ? {} : { status: details.status }),
      ...(details.retryAt === undefined ? {} : { retryAt: details.retryAt }),
    });
  };
}
