import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isObject } from '../common/fields.ts';
import type { Account } from './state.ts';
import { ACCOUNT_EMAIL } from './state.ts';

/** A service account with its private key (PKCS#8 PEM), made up here. */
export type ServiceAccount = { account: Account; privateKey: string };

function accountOf(privateKey: string, keyId: string, project: string): ServiceAccount {
  const publicKey = createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'pem' }).toString();
  return { account: { email: ACCOUNT_EMAIL, keyId, publicKey, project }, privateKey };
}

/** A fresh key pair. */
export function newServiceAccount(project: string): ServiceAccount {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keyId = crypto.randomUUID().replaceAll('-', '');
  return accountOf(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), keyId, project);
}

/** The account of a key file written before, or a fresh one where there is no such file. */
export function serviceAccountOf(file: string, project: string): ServiceAccount {
  if (!existsSync(file)) return newServiceAccount(project);
  const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isObject(read) || typeof read['private_key'] !== 'string' || typeof read['private_key_id'] !== 'string')
    throw new Error(`${file} is not a service-account key file; remove it, and a new one is written.`);
  return accountOf(read['private_key'], read['private_key_id'], project);
}

/** The key file in Google's form; its `token_uri` is the stand-in's own. */
function keyFileOf({ account, privateKey }: ServiceAccount, url: string): object {
  return {
    type: 'service_account',
    project_id: account.project,
    private_key_id: account.keyId,
    private_key: privateKey,
    client_email: account.email,
    client_id: '100000000000000000042',
    auth_uri: `${url}/o/oauth2/auth`,
    token_uri: `${url}/token`,
    universe_domain: 'googleapis.com',
  };
}

/** Writes the key file, readable by its owner only. */
export function writeKeyFile(file: string, serviceAccount: ServiceAccount, url: string): void {
  writeFileSync(file, `${JSON.stringify(keyFileOf(serviceAccount, url), null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600); // an older file keeps its mode otherwise
}
