import { STATUS_CODES } from 'node:http';
import type { StandInRequest } from '../common/types.ts';

/** Which service answers: its errors have a shape of their own. */
type Service = 'design' | 'orchestration' | 'gateway' | 'otds';

/** The vendor's numbers are unknown but one (309016, contract section 3); the others start at 900000, so that none looks real. */
export const CODES = {
  BAD_INPUT: 900_400,
  UNAUTHORIZED: 900_401,
  FORBIDDEN: 900_403,
  NOT_FOUND: 900_404,
  METHOD: 900_405,
  CONFLICT: 900_409,
  BAD_MOVE: 900_410,
  LOCKED_BY_OTHER: 900_411,
  RESTRICT_APPROVAL: 900_412,
  DUPLICATE: 900_413,
  IN_USE: 900_414,
  CHILDREN: 900_415,
  STRICT: 900_416,
  FAULT: 900_500,
  OTDS_UNREACHABLE: 900_503,
  IMPORT_CONFLICT: 309_016,
} as const;

/** A refusal that becomes the error body of the service that was called. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly code: number;
  /** The text of `data[].statusCode` in an Orchestration error; the HTTP status unless said. */
  readonly inner: string;

  constructor(status: number, code: number, message: string, inner?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.inner = inner ?? String(status);
  }
}

export function notFound(what: string): ApiRefusal {
  return new ApiRefusal(404, CODES.NOT_FOUND, `${what} not found`);
}

/** The service of a path; other paths than the four are answered in Design's shape. */
function serviceOf(req: StandInRequest): Service {
  const [first] = req.segments;
  if (first === 'orchestration') return 'orchestration';
  return 'design';
}

/** Design: exactly seven keys, `timestamp` and `status` numbers (the vendor's parser fails on any other key). */
function designError(now: Date, path: string, r: { status: number; code: number; message: string }): object {
  return {
    timestamp: now.getTime(),
    status: r.status,
    message: r.message,
    error: STATUS_CODES[r.status] ?? 'Error',
    details: '',
    errorCode: r.code,
    path,
  };
}

/** Orchestration: `statusCode` is a text, `engineOutputContext` an object (the vendor's client calls it). */
function orchestrationError(r: { message: string; inner: string }): object {
  return {
    status: 'error',
    data: [
      {
        errorMessage: r.message,
        statusCode: r.inner,
        engineOutputContext: { queueName: '', fileName: '', customerNumber: '' },
      },
    ],
  };
}

/** The error body of the service that a path belongs to. */
export function errorBody(now: Date, req: StandInRequest, r: ApiRefusal, wrongService = false): object {
  const orchestration = (serviceOf(req) === 'orchestration') !== wrongService;
  return orchestration ? orchestrationError(r) : designError(now, req.path, r);
}
