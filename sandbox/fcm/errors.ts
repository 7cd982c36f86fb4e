/** A refusal in Google's error shape. */
export class FcmRefusal extends Error {
  readonly status: number;
  readonly body: object;
  readonly headers: Record<string, string>;

  constructor(status: number, body: object, headers: Record<string, string> = {}) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** Google's status words by HTTP status, as far as they are used here. */
const STATUS: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

export function errorBody(code: number, message: string, details?: object[]): object {
  return { error: { code, message, status: STATUS[code] ?? 'UNKNOWN', ...(details ? { details } : {}) } };
}

/** The error codes of contract section 4: HTTP status and message. */
const FCM_ERRORS = {
  INVALID_ARGUMENT: [400, 'The registration token is not a valid FCM registration token'],
  THIRD_PARTY_AUTH_ERROR: [401, 'Auth error from APNS or Web Push Service'],
  SENDER_ID_MISMATCH: [403, 'SenderId mismatch'],
  UNREGISTERED: [404, 'Requested entity was not found.'],
  QUOTA_EXCEEDED: [429, 'Quota exceeded for sending messages to FCM.'],
  INTERNAL: [500, 'Internal error encountered.'],
  UNAVAILABLE: [503, 'The service is currently unavailable.'],
} as const;

export type FcmErrorCode = keyof typeof FCM_ERRORS;

/** A refusal with the typed detail `FcmError` that clients read. */
export function fcmError(errorCode: FcmErrorCode, headers: Record<string, string> = {}): FcmRefusal {
  const [status, message] = FCM_ERRORS[errorCode];
  const detail = { '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode };
  return new FcmRefusal(status, errorBody(status, message, [detail]), headers);
}

export type Violation = { field?: string; description: string };

/** A refusal of fields: all of them at once, as Google does. */
export function badRequest(violations: Violation[]): FcmRefusal {
  const message = violations.map((v) => v.description).join('\n');
  const detail = { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: violations };
  return new FcmRefusal(400, errorBody(400, message, [detail]));
}

/** A refusal of our own token or permission: `ErrorInfo`, never `FcmError`. */
export function accessRefused(status: 401 | 403, reason: string, message: string): FcmRefusal {
  const metadata = { service: 'fcm.googleapis.com' };
  const detail = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com', metadata };
  const headers: Record<string, string> =
    status === 401 ? { 'WWW-Authenticate': 'Bearer realm="https://accounts.google.com/"' } : {};
  return new FcmRefusal(status, errorBody(status, message, [detail]), headers);
}

/** A refusal of the token exchange, in OAuth's shape. */
export function tokenRefused(error: string, description: string, status = 400): FcmRefusal {
  return new FcmRefusal(status, { error, error_description: description });
}
