import { parse } from 'csv-parse/sync';
import { differs, evidenceOf, type Report } from './evidence.ts';
import type { Person } from './person.ts';
import type { Baseline, FtpState, Seen } from './reading.ts';

type Shape = { delimiter: string; columns: readonly string[] };

/** How each partner keeps its list. */
const SHAPES: Readonly<Record<string, Shape>> = {
  acme: { delimiter: ',', columns: ['user', 'mail', 'name', 'note'] },
  globex: { delimiter: ';', columns: ['mail', 'user', 'name'] },
};
type Row = Record<string, string>;
type Listed = { name: string; row: Row };

/** Partners' lists as they lie published; every publication by the rows it added and took away. */
export function onFtp(
  people: readonly Person[],
  { lists }: FtpState,
  from: Baseline,
  writes: readonly Seen[],
  now: number,
): Report {
  const owner = (row: Row | undefined): Person | undefined => people.find((p) => p.last.who === row?.['user']);
  const rowOf = (w: Seen): Row | undefined => {
    const line = (w.after ?? w.before)?.['line'];
    return typeof line === 'string' ? rowsOf(w.id, line)[0] : undefined;
  };
  const lost = Object.keys(lists).filter((name) => !lists[name]?.startsWith(from.ftp?.lists[name] ?? ''));
  const rows = Object.entries(lists)
    .filter(([name]) => !lost.includes(name))
    .flatMap(([name, text]) =>
      rowsOf(name, text.slice(from.ftp?.lists[name]?.length)).map((row): Listed => ({ name, row })),
    );
  return {
    wrong: [
      ...lost.map((name) => `the list of ${name} lost what is not ours`),
      ...rows
        .filter(({ row }) => !owner(row))
        .map(({ name, row }) => `${row['user']} is on the list of ${name} and is nobody`),
      ...people.flatMap((p) => {
        const mine = rows.filter(({ row }) => owner(row) === p);
        return stateOf(p, mine, now);
      }),
    ],
    evidence: writes.flatMap((w) =>
      w.object === 'row' ? evidenceOf(owner(rowOf(w)), `ftp:list/${w.id}`, w.after ? 'grant' : 'revoke', w) : [],
    ),
    strange: writes.filter((w) => w.object === 'row' && !owner(rowOf(w))),
  };
}

function stateOf(p: Person, mine: readonly Listed[], now: number): string[] {
  const { who, mail } = p.last;
  const login = who.slice(0, who.lastIndexOf('@'));
  const due = new Set([...p.due(now)].filter((key) => key.startsWith('ftp:')));
  const wrong = differs(who, 'partner lists', new Set(mine.map(({ name }) => `ftp:list/${name}`)), due);
  for (const { name, row } of mine) {
    if (mine.filter((one) => one.name === name).length > 1) wrong.push(`${who} stands twice on the list of ${name}`);
    if (row['mail']?.toLowerCase() !== mail || row['name'] !== login)
      wrong.push(`${who} stands on the list of ${name} as ${JSON.stringify(row)}`);
  }
  return wrong;
}

/** Rows below the header. */
function rowsOf(list: string, text: string): Row[] {
  const { delimiter, columns } = SHAPES[list] ?? { delimiter: ',', columns: ['user'] };
  return parse(text, { columns: [...columns], delimiter, comment: '#', comment_no_infix: true });
}
