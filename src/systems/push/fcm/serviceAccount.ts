import { createSign } from 'node:crypto';
import { z } from 'zod';
import { fcmErrors } from './errors.ts';

const keyFile = z.looseObject({
  project_id: z.string().min(1),
  private_key_id: z.string().min(1),
  private_key: z.string().min(1),
  client_email: z.string().min(1),
  token_uri: z.url(),
});
export type ServiceAccount = z.infer<typeof keyFile>;

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const LIFE_S = 3600;

/** The key file's text as Google made it. Throws FCM_KEY_FILE; what is wrong with it is not told, it holds the key. */
export function serviceAccountOf(text: string): ServiceAccount {
  const parsed = keyFile.safeParse(jsonOf(text));
  if (!parsed.success) throw fcmErrors.error('KEY_FILE');
  return parsed.data;
}

/** The form that is exchanged for an access token at `token_uri`: a JWT of an hour, signed by the account's key (contract section 4). */
export function tokenForm(account: ServiceAccount, now: number = Date.now()): Record<string, string> {
  const issuedAt = Math.floor(now / 1000);
  const header = { alg: 'RS256', typ: 'JWT', kid: account.private_key_id };
  const claims = {
    iss: account.client_email,
    scope: SCOPE,
    aud: account.token_uri,
    iat: issuedAt,
    exp: issuedAt + LIFE_S,
  };
  const unsigned = `${base64url(header)}.${base64url(claims)}`;
  return { grant_type: GRANT, assertion: `${unsigned}.${signatureOf(unsigned, account)}` };
}

function signatureOf(text: string, { private_key }: ServiceAccount): string {
  try {
    return createSign('RSA-SHA256').update(text).sign(private_key, 'base64url');
  } catch {
    throw fcmErrors.error('KEY_FILE');
  }
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
