/** What a v2 error tells besides its message. `details.fields` names what is wrong. */
type V2Details = Record<string, unknown>;

const V2_CODES: Record<number, { code: string; message: string; category: string }> = {
  400: { code: 'ACCOUNTS_00005', message: 'invalid request', category: 'user_error' },
  401: { code: 'ACCOUNTS_00006', message: 'invalid credentials', category: 'user_error' },
  403: { code: 'ACCOUNTS_00006', message: 'not allowed', category: 'user_error' },
  404: { code: 'ACCOUNTS_00003', message: 'not found', category: 'server_error' },
  409: { code: 'ACCOUNTS_00006', message: 'already exists', category: 'user_error' },
  500: { code: 'ACCOUNTS_00001', message: 'something went wrong', category: 'server_error' },
};

/** A refusal; which shape it takes depends on the plane (contract section 3). */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly details: V2Details | undefined;
  readonly code: string | undefined;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    message?: string,
    more: { details?: V2Details; code?: string; headers?: Record<string, string> } = {},
  ) {
    super(message ?? V2_CODES[status]?.message ?? 'refused');
    this.status = status;
    this.details = more.details;
    this.code = more.code;
    this.headers = more.headers ?? {};
  }
}

export function v1Error(message: string): object {
  return { error: { message } };
}

/** The shape of account v2; `requestId` is set on newer environment v2 calls only. */
export function v2Error(refusal: ApiRefusal, requestId?: string): object {
  const known = V2_CODES[refusal.status];
  const environment: Record<number, string> = { 401: 'auth_error', 420: 'rate_limit_error', 429: 'rate_limit_error' };
  const category =
    (requestId === undefined ? undefined : environment[refusal.status]) ?? known?.category ?? 'user_error';
  const error = {
    category,
    code: refusal.code ?? known?.code ?? `ACCOUNTS_${String(refusal.status).padStart(5, '0')}`,
    message: refusal.message,
    ...(refusal.details ? { details: refusal.details } : {}),
  };
  return requestId === undefined ? { error } : { error, request_id: requestId };
}

/** v2: fields that are not there. */
export function missingFields(...names: string[]): ApiRefusal {
  return new ApiRefusal(400, 'missing fields', { details: { fields: names } });
}

/** v2: a field whose value cannot be. */
export function invalidField(name: string, value: unknown): ApiRefusal {
  return new ApiRefusal(400, 'invalid request', { details: { fields: [{ [name]: value ?? null }] } });
}

/** v2: an id that nothing has. */
export function notFoundId(name: string, id: string): ApiRefusal {
  return new ApiRefusal(404, 'not found', { details: { fields: [{ [name]: id }] } });
}
