/**
 * A distinguished name in a form that can be compared: RDNs from the entry up to the root, unescaped, case and insignificant spaces aside.
 * Servers escape the same name in several ways (`a\,b`, `a\2Cb`), so names are never compared as texts.
 */
export type Dn = readonly string[];

const HEX = /^[0-9a-f]{2}$/i;

/** Reads RFC 4514, and the quoted values of its predecessor. Undefined where the text is no DN. The empty text is the root. */
export function parseDn(text: string): Dn | undefined {
  if (text.trim() === '') return [];
  const rdns: string[] = [];
  let pairs: string[] = [];
  let rest = text;
  for (;;) {
    const equals = rest.indexOf('=');
    const type = rest.slice(0, equals).trim().toLowerCase();
    if (equals < 0 || !/^([a-z][a-z0-9-]*|\d+(\.\d+)*)$/.test(type)) return undefined;
    const value = readValue(rest.slice(equals + 1));
    if (!value) return undefined;
    pairs.push(`${type}=${canonical(value.text)}`);
    if (value.end !== '+') {
      rdns.push(pairs.sort().join('+'));
      pairs = [];
    }
    if (value.end === '') return rdns;
    rest = value.rest;
  }
}

/** One text per name, the same for every way of writing it; undefined where the text is no DN. */
export function dnKey(text: string): string | undefined {
  return parseDn(text)?.join(',');
}

/** True for the base itself and everything below it. */
export function isInside(dn: Dn, base: Dn): boolean {
  const offset = dn.length - base.length;
  return offset >= 0 && base.every((rdn, at) => rdn === dn[offset + at]);
}

type Value = { text: string; end: '' | ',' | '+'; rest: string };

/** The value up to the separator that no escape protects. Nearly all have neither escapes nor quotes: they are cut out in one go. */
function readValue(source: string): Value | undefined {
  const at = source.search(/[,;+"\\]/);
  const mark = source.charAt(at);
  if (at < 0) return { text: source.trim(), end: '', rest: '' };
  if (mark === '"' || mark === '\\') return readEscaped(source);
  return { text: source.slice(0, at).trim(), end: mark === '+' ? '+' : ',', rest: source.slice(at + 1) };
}

function readEscaped(source: string): Value | undefined {
  const bytes: Buffer[] = [];
  let quoted = false;
  let kept = 0; // bytes that trailing spaces may not take away
  let at = 0;
  const push = (part: Buffer, keep: boolean): void => {
    bytes.push(part);
    if (keep) kept = bytes.length;
  };
  for (; at < source.length; at += 1) {
    const now = source.charAt(at);
    if (now === '\\') {
      const hex = source.slice(at + 1, at + 3);
      const escaped = HEX.test(hex) ? hex : characterAt(source, at + 1);
      if (escaped === '') return undefined;
      push(HEX.test(hex) ? Buffer.from(hex, 'hex') : Buffer.from(escaped), true);
      at += escaped.length;
    } else if (now === '"') quoted = !quoted;
    else if (!quoted && (now === ',' || now === ';' || now === '+')) {
      const text = Buffer.concat(bytes.slice(0, kept)).toString();
      return { text, end: now === '+' ? '+' : ',', rest: source.slice(at + 1) };
    } else {
      const whole = characterAt(source, at);
      if (now !== ' ' || quoted || kept > 0) push(Buffer.from(whole), now !== ' ' || quoted);
      at += whole.length - 1;
    }
  }
  return quoted ? undefined : { text: Buffer.concat(bytes.slice(0, kept)).toString(), end: '', rest: '' };
}

/** The whole character there, also where it takes two units; empty behind the end. */
function characterAt(text: string, at: number): string {
  const point = text.codePointAt(at);
  return point === undefined ? '' : String.fromCodePoint(point);
}

/** As directories compare names (caseIgnoreMatch); what separates RDNs is escaped, so that no value can look like another name. */
function canonical(value: string): string {
  const plain = value.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
  return plain.replace(/[\\,+=]/g, (c) => `\\${c.charCodeAt(0).toString(16)}`);
}
