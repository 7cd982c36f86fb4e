/** A refusal in the form of RFC 7644, section 3.12. */
export class ScimError extends Error {
  readonly http: number;
  readonly scimType: string | null;

  constructor(http: number, message: string, scimType: string | null = null) {
    super(message);
    this.http = http;
    this.scimType = scimType;
  }
}

/** The body of a SCIM refusal. */
export function scimErrorBody(http: number, message: string, scimType: string | null = null): object {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(http),
    ...(scimType === null ? {} : { scimType }),
    detail: message,
  };
}
