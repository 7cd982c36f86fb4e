/**
 * `node plant.ts` with `[{file, lines}]` on stdin: lints each file with these lines added to its end, in memory only, and prints which rules the linter
 * names on each. A process of its own, because ESLint and its parsers do not load inside Jest.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

export type Planted = { file: string; lines: string[] };
/** Per line: ids of the rules, or the complaint of the parser. */
export type Said = string[][];

const root = fileURLToPath(new URL('../..', import.meta.url));

async function lint(eslint: ESLint, { file, lines }: Planted): Promise<Said> {
  const path = join(root, file);
  const before = await readFile(path, 'utf8');
  const [result] = await eslint.lintText(`${before}${lines.join('\n')}\n`, { filePath: path });
  const above = before.split('\n').length;
  return lines.map((_, i) =>
    (result?.messages ?? []).filter(({ line }) => line === above + i).map(({ ruleId, message }) => ruleId ?? message),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const eslint = new ESLint({ cwd: root, overrideConfigFile: join(root, 'eslint.config.ts') });
  const said: Said[] = [];
  for (const planted of JSON.parse(await text(process.stdin)) as Planted[]) said.push(await lint(eslint, planted)); // lint.test.ts wrote it
  process.stdout.write(JSON.stringify(said));
}
