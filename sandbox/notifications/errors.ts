import type { Context } from '../common/types.ts';
import type { Selected } from '../common/choices.ts';
import { CHOSEN } from './chosen.ts';

/** The body of every refusal: chosen, for the vendor's is documented behind its login. */
export function errorBody(status: number, message: string): object {
  return { error_code: 9000 + status, error_message: message };
}

/** A refusal in the chosen shape. `body` only where another is known (OAuth). */
export class MraRefusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: object;

  constructor(status: number, message: string, o: { headers?: Record<string, string>; body?: object } = {}) {
    super(message);
    this.status = status;
    this.headers = o.headers ?? {};
    this.body = o.body ?? errorBody(status, message);
  }
}

/** Notes on the reply that shape and status of a refusal are chosen. */
export function noteRefusal(ctx: Context<{ chosen: Selected }>): void {
  CHOSEN.use(ctx, 'MRA_ERROR');
  CHOSEN.use(ctx, 'MRA_AUTH_FAIL');
}
