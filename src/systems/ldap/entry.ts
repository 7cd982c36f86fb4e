import type { Entry } from 'ldapts';
import { parseDn } from './dn.ts';
import type { Dn } from './dn.ts';

/** One entry as read: attribute names in any case, values always as a list, binary ones as bytes. */
export class LdapEntry {
  /** As the server writes it: only good for asking that server again. */
  readonly dn: string;
  /** The same for comparing. */
  readonly place: Dn;
  private readonly held = new Map<string, readonly (string | Buffer)[]>();

  constructor({ dn, ...attributes }: Entry) {
    this.dn = dn;
    this.place = parseDn(dn) ?? [];
    for (const [name, value] of Object.entries(attributes))
      this.held.set(
        name.toLowerCase(),
        (Array.isArray(value) ? value : [value]).filter((one) => one.length > 0),
      );
  }

  /** Text values of an attribute; what is no text is left out. */
  all(name: string): string[] {
    return (this.held.get(name.toLowerCase()) ?? []).filter((value) => typeof value === 'string');
  }

  /** First text, trimmed; undefined where there is none. */
  first(name: string): string | undefined {
    const text = this.all(name)[0]?.trim();
    return text === '' ? undefined : text;
  }

  /** First value as bytes. */
  bytes(name: string): Buffer | undefined {
    const value = this.held.get(name.toLowerCase())?.[0];
    return value === undefined || Buffer.isBuffer(value) ? value : Buffer.from(value);
  }

  /** Names of the attributes that came, in lower case, options included (`member;range=0-1499`). */
  names(): string[] {
    return [...this.held.keys()];
  }
}
