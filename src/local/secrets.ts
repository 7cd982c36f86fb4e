import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { variableOf } from '../config/local.ts';
import { rowOf, SYSTEM_NAMES, type SystemName } from './systems.ts';

/** What a local system needs and nobody gives it: made at its first start, kept in its data folder. By name, as in `secrets.env`. */
export type Secrets = Readonly<Record<string, string>>;

/** Every name with how its value is made. */
const MAKERS: Readonly<Record<string, () => string>> = {
  TENURE_CODEC_KEY: () => randomBytes(32).toString('base64'),
  TENURE_CODEC_KEY_ID: () => 'local',
  FTP_PASSWORD: () => randomBytes(18).toString('base64url'),
  ...Object.fromEntries(SYSTEM_NAMES.flatMap(makersOf)),
};

function makersOf(system: SystemName): [string, () => string][] {
  return Object.entries(rowOf(system).given).flatMap(([key, { make }]) =>
    make === undefined ? [] : [[variableOf(system, key), make]],
  );
}

/** Reads `secrets.env` (NAME=value lines), or writes a new one (mode 0600). A name that is missing is added. */
export function localSecrets(file: string): Secrets {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const kept: Partial<Record<string, string>> = Object.fromEntries(
    lines.flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 && !line.startsWith('#') ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  );
  const secrets = Object.fromEntries(Object.entries(MAKERS).map(([name, make]) => [name, kept[name] ?? make()]));
  if (Object.keys(MAKERS).some((name) => kept[name] === undefined)) {
    const text = Object.entries(secrets)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n');
    writeFileSync(file, `# Secrets of this local system alone; made at its first start.\n${text}\n`, { mode: 0o600 });
  }
  return secrets;
}

/** What a system is given in a local system, by key of its entry in `local.json`. @throws when the secrets are not those of `localSecrets`. */
export function valuesOf(system: SystemName, secrets: Secrets): Readonly<Record<string, string>> {
  const value = ([key, given]: [
    string,
    { make?: () => string; usual: string; sameAs?: readonly [string, string] },
  ]) => {
    const name = given.sameAs ? variableOf(...given.sameAs) : given.make ? variableOf(system, key) : undefined;
    const found = name === undefined ? given.usual : secrets[name];
    if (found === undefined) throw new Error(`secrets.env holds no ${name}; start the local system again: npm start.`);
    return [key, found] as const;
  };
  return Object.fromEntries(Object.entries(rowOf(system).given).map(value));
}
