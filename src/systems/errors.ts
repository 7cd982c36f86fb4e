/** What went wrong at a system, reduced to what may be shown: no vendor text, no secret, no personal data. */
export type SystemErrorInit = {
  /** Stable code, `ICONIK_RATE_LIMITED`. */
  code: string;
  system: string;
  /** HTTP status where there was one. */
  status?: number;
  retryable: boolean;
  /** ISO instant before which a retry is pointless (`Retry-After`). */
  retryAt?: string;
  /** Our own sentence: what happened, what to do. */
  message: string;
};

/** The one error shape of all systems; each system maps its replies in its own `errors.ts` table. */
export class SystemError extends Error {
  readonly code: string;
  readonly system: string;
  readonly status: number | undefined;
  readonly retryable: boolean;
  readonly retryAt: string | undefined;

  constructor(init: SystemErrorInit) {
    super(init.message);
    this.name = 'SystemError';
    this.code = init.code;
    this.system = init.system;
    this.status = init.status;
    this.retryable = init.retryable;
    this.retryAt = init.retryAt;
  }
}
