import { errorTable, type ErrorDetails, type ErrorRow } from '../errorTable.ts';
import type { SystemError } from '../errors.ts';

const again = (message: string): ErrorRow => ({ retryable: true, message });
export const final = (message: string): ErrorRow => ({ retryable: false, message });

/** Errors of the registry and of the target; each driver has a table of its own in its folder. */
export const pushError = errorTable('push', {
  PUSH_NO_REGISTRY: final('There is no device registry here: it lives in the ledger, which this process is without.'),
  PUSH_REGISTRY_UNAVAILABLE: again(
    'The device registry (in the ledger, PostgreSQL) does not answer. It is tried again; see that the database runs.',
  ),
  PUSH_ABORTED: again('The call to the device registry was cancelled.'),
  PUSH_NOT_GRANTABLE: final(
    'A device is registered by its owner in the app; Tenure can forget it, not make it. Take {about} out of the rules.',
  ),
  PUSH_UNKNOWN_ENTITLEMENT: final('push knows no entitlement "{about}": there are only devices, push:device/<id>.'),
});

/** What goes wrong in the same way with every driver (contract section 10). */
export type CommonKind =
  'UNAVAILABLE' | 'RATE_LIMITED' | 'CREDENTIALS' | 'TLS' | 'ABORTED' | 'UNSUPPORTED' | 'REFUSED' | 'LOST';

/** The table of one driver: its codes are `PREFIX_KIND`. */
export type DriverErrors<Own extends string = never> = {
  code(kind: CommonKind | Own): string;
  error(kind: CommonKind | Own, details?: ErrorDetails): SystemError;
};

/** `product` begins the sentences; `own` are the kinds that only this driver has. */
export function driverErrors<Own extends string = never>(
  prefix: string,
  product: string,
  own: Readonly<Record<Own, ErrorRow>>,
): DriverErrors<Own> {
  const common: Record<CommonKind, ErrorRow> = {
    UNAVAILABLE: again(`${product} cannot be reached, or says that it cannot serve now. Not sent; tried again.`),
    RATE_LIMITED: again(`${product} asks us to slow down. Not sent; tried again after a pause.`),
    CREDENTIALS: again(
      `${product} refuses our credentials: mend them in systems.push. Nothing is sent over it until then.`,
    ),
    TLS: again(`No secure connection to ${product}: check its certificate, and any proxy before it. Not sent.`),
    ABORTED: again(`The call to ${product} was cancelled before it was sent.`),
    UNSUPPORTED: final(
      `${product} does not serve this call, or not for our account: check address and path, and what the account may do.`,
    ),
    REFUSED: final(`${product} refused the message: it will not take it when asked again.`),
    LOST: final(`The answer of ${product} was lost. It may have accepted the message, so that it is not sent again.`),
  };
  const code = (kind: CommonKind | Own): string => `${prefix}_${kind}`;
  const rows = Object.entries<ErrorRow>({ ...common, ...own }).map(
    ([kind, row]) => [`${prefix}_${kind}`, row] as const,
  );
  const fail = errorTable<string>('push', Object.fromEntries(rows));
  return { code, error: (kind, details) => fail(code(kind), details) };
}
