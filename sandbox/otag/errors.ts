/** The gateway's error body; its SDK reads `key` and `errorMessage`. */
export function errorBody(status: number, errorMessage: string, entity: string | null = null): object {
  return { key: KEYS[status] ?? 'ERROR', errorMessage, entity, status };
}

const KEYS: Record<number, string> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  500: 'INTERNAL_SERVER_ERROR',
};

/** A refusal in that shape. */
export class OtagRefusal extends Error {
  readonly status: number;
  readonly body: object;

  constructor(status: number, message: string, entity: string | null = null) {
    super(message);
    this.status = status;
    this.body = errorBody(status, message, entity);
  }
}
