import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** What a local system needs and nobody gives it: made at its first start, kept in its data folder. */
export type Secrets = Readonly<Record<(typeof NAMES)[number], string>>;

const NAMES = [
  'TENURE_CODEC_KEY',
  'TENURE_CODEC_KEY_ID',
  'OTDS_PASSWORD',
  'OTDS_CLIENT_SECRET',
  'ICONIK_APP_ID',
  'ICONIK_AUTH_TOKEN',
] as const;

const make = (): Secrets => ({
  TENURE_CODEC_KEY: randomBytes(32).toString('base64'),
  TENURE_CODEC_KEY_ID: 'local',
  OTDS_PASSWORD: randomBytes(18).toString('base64url'),
  OTDS_CLIENT_SECRET: randomBytes(24).toString('base64url'),
  ICONIK_APP_ID: randomUUID(),
  ICONIK_AUTH_TOKEN: randomBytes(32).toString('base64url'),
});

/** Reads `secrets.env` (NAME=value lines), or writes a new one (mode 0600). A name that is missing is added. */
export function localSecrets(file: string): Secrets {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const kept = Object.fromEntries(
    lines.flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 && !line.startsWith('#') ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  ) as Partial<Record<string, string>>;
  const fresh = make();
  const secrets = Object.fromEntries(NAMES.map((name) => [name, kept[name] ?? fresh[name]])) as Secrets; // every name
  if (NAMES.some((name) => kept[name] === undefined)) {
    const text = NAMES.map((name) => `${name}=${secrets[name]}`).join('\n');
    writeFileSync(file, `# Secrets of this local system alone; made at its first start.\n${text}\n`, { mode: 0o600 });
  }
  return secrets;
}
