/** A partner's access list: CSV with a header. Whatever is not ours to change stays byte for byte: other people's rows, comments, line ends. */
import { parse, type Info } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';

export type ListLayout = {
  /** Column that holds by whom the row is. */
  key: string;
  /** Further columns we write: column → attribute of the account. */
  columns: Readonly<Record<string, string>>;
  delimiter: string;
  /** First character of comment lines. */
  comment: string;
};

/** One row: its bytes in the file, line end included, and its cells. */
export type Row = { start: number; end: number; cells: readonly string[] };

export type AccessList = {
  layout: ListLayout;
  bytes: Buffer;
  header: readonly string[];
  /** By `sameKey` of the key cell, in the order of the file. */
  rows: ReadonlyMap<string, readonly Row[]>;
  /** Line end of the header row. */
  newline: string;
};

/** The list is not what its layout says; `what` is for logs and tests. */
export class ListProblem extends Error {}

/** Two spellings of one person: case and outer space do not count, since to miss a row would leave a leaver on the list. */
export const sameKey = (key: string): string => key.trim().normalize('NFC').toLowerCase();

/** @throws ListProblem: not UTF-8, a quote error (rows after it could be lost), a header that lacks or repeats one of our columns. */
export function parseList(bytes: Buffer, layout: ListLayout): AccessList {
  const records = recordsOf(bytes, layout);
  const [head, ...body] = records;
  if (head === undefined) throw new ListProblem('no header');
  const header = head.cells.map((cell) => cell.trim());
  for (const column of [layout.key, ...Object.keys(layout.columns)]) {
    if (header.filter((name) => name === column).length !== 1) throw new ListProblem(`column ${column}`);
  }
  const at = header.indexOf(layout.key);
  const rows = new Map<string, Row[]>();
  for (const row of body) {
    const key = sameKey(row.cells[at] ?? '');
    const those = rows.get(key);
    if (those) those.push(row);
    else rows.set(key, [row]);
  }
  return { layout, bytes, header, rows, newline: lineEnd(bytes.subarray(head.start, head.end)) };
}

type Parsed = { record: string[]; info: Info };

function recordsOf(bytes: Buffer, { delimiter, comment }: ListLayout): Row[] {
  let parsed: Parsed[];
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // Rows of others may have more or fewer cells; their quotes must close.
    parsed = parse(bytes, {
      bom: true,
      delimiter,
      comment,
      comment_no_infix: true,
      skip_empty_lines: true,
      relax_column_count: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      info: true,
    }) as unknown as Parsed[]; // what `info: true` gives; the package types only the plain form
  } catch (error) {
    throw new ListProblem(error instanceof Error && 'code' in error ? String(error.code) : 'not UTF-8');
  }
  let before = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  return parsed.map(({ record, info }) => {
    const start = afterNotes(bytes, before, info.bytes, comment);
    before = info.bytes;
    return { start, end: info.bytes, cells: record };
  });
}

/** Where the record itself begins: blank lines and comments before it belong to nobody. */
function afterNotes(bytes: Buffer, from: number, end: number, comment: string): number {
  let at = from;
  while (at < end && (bytes[at] === CR || bytes[at] === LF || bytes[at] === comment.charCodeAt(0))) {
    while (at < end && bytes[at] !== LF && bytes[at] !== CR) at++;
    while (at < end && (bytes[at] === LF || bytes[at] === CR)) at++;
  }
  return at;
}

const LF = 10;
const CR = 13;

function lineEnd(line: Buffer): string {
  if (line.at(-1) !== LF) return line.at(-1) === CR ? '\r' : '\n';
  return line.at(-2) === CR ? '\r\n' : '\n';
}

/** The rows of any of these keys. */
export const rowsOf = (list: AccessList, keys: readonly string[]): Row[] =>
  [...new Set(keys.map(sameKey))].flatMap((key) => list.rows.get(key) ?? []);

/** The text in a column of a row; empty where it has none. */
export const cellOf = (list: AccessList, row: Row, column: string): string =>
  row.cells[list.header.indexOf(column)] ?? '';

/** The list without rows of these keys. */
export function withoutRows(list: AccessList, keys: readonly string[]): Buffer {
  return spliced(
    list,
    rowsOf(list, keys).map((row) => ({ ...row, text: '' })),
  );
}

/**
 * The list with exactly one row of these keys, holding `values` (column → text); the other columns of a row that is there stay as they are.
 * A new row goes to the end.
 */
export function withRow(list: AccessList, keys: readonly string[], values: Readonly<Record<string, string>>): Buffer {
  const [first, ...more] = rowsOf(list, keys).sort((a, b) => a.start - b.start);
  const text = `${written(list.layout, filled(list, first, values))}${list.newline}`;
  if (first) return spliced(list, [{ ...first, text }, ...more.map((row) => ({ ...row, text: '' }))]);
  const open = list.bytes.length > 0 && list.bytes.at(-1) !== LF && list.bytes.at(-1) !== CR;
  return Buffer.concat([list.bytes, Buffer.from(`${open ? list.newline : ''}${text}`)]);
}

/** A list with nobody on it. */
export function emptyList(layout: ListLayout): Buffer {
  return Buffer.from(`${written(layout, [layout.key, ...Object.keys(layout.columns)])}\n`);
}

function filled(list: AccessList, row: Row | undefined, values: Readonly<Record<string, string>>): string[] {
  const cells = list.header.map((column, at) => values[column] ?? row?.cells[at] ?? '');
  return [...cells, ...(row?.cells.slice(list.header.length) ?? [])];
}

/** One line without its end. A cell that looks like a comment is quoted. Formulas are not escaped: this is for machines. */
function written({ delimiter, comment }: ListLayout, cells: readonly string[]): string {
  return stringify([[...cells]], { delimiter, eof: false, quoted_match: new RegExp(`^[${comment}]`) });
}

function spliced(list: AccessList, edits: readonly (Row & { text: string })[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end, text } of [...edits].sort((a, b) => a.start - b.start)) {
    pieces.push(list.bytes.subarray(at, start), Buffer.from(text));
    at = end;
  }
  return Buffer.concat([...pieces, list.bytes.subarray(at)]);
}
