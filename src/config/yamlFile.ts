import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';

/** One mistake in a file, for a person to mend. */
export type Problem = {
  file: string;
  /** From 1. */
  line: number;
  column: number;
  /** What is wrong and what would be right, one sentence. */
  message: string;
  /** What was probably meant. */
  suggestion?: string;
};

/** `policy.yaml:9:7: There is no group "Marketing Editor@staff". Did you mean "Marketing Editors@staff"?` */
export function formatProblem(problem: Problem): string {
  const meant = problem.suggestion === undefined ? '' : ` Did you mean "${problem.suggestion}"?`;
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}${meant}`;
}

export type Path = readonly (string | number)[];
/** Position of a value, of its key in the mapping around it, or of a place inside a one-line text. */
export type Place = { path: Path; key?: string; offset?: number };

/** A YAML text that remembers where everything stands. */
export class YamlFile {
  readonly file: string;
  /** Mistakes of the YAML itself; `value` is undefined when there are any. */
  readonly problems: Problem[] = [];
  readonly value: unknown;
  private readonly lines = new LineCounter();
  private readonly doc: Document.Parsed;
  private readonly text: string;

  constructor(text: string, file: string) {
    this.file = file;
    this.text = text;
    this.doc = parseDocument(text, { lineCounter: this.lines, uniqueKeys: true, prettyErrors: false });
    const errors = [...this.doc.errors, ...this.doc.warnings];
    // One broken line makes the parser stumble on for lines; duplicate keys are mistakes of their own.
    const first = errors.find((error) => error.code !== 'DUPLICATE_KEY');
    for (const error of errors) {
      if (error !== first && error.code !== 'DUPLICATE_KEY') continue;
      this.problems.push(this.problemAt(error.pos[0], `This is not good YAML: ${sentence(error.message)}`));
    }
    if (this.problems.length > 0) return;
    try {
      this.value = this.doc.toJS({ maxAliasCount: 100 });
    } catch (error) {
      this.problems.push(
        this.problemAt(0, `This is not good YAML: ${sentence(error instanceof Error ? error.message : 'unreadable')}`),
      );
    }
  }

  /** A problem at a place; a place that does not exist is shown at the nearest thing around it. */
  problem(place: Place, message: string, suggestion?: string): Problem {
    return this.problemAt(this.offsetOf(place), message, suggestion);
  }

  /** True where characters of the value stand in the file one by one, so that an offset into it points to the right column. */
  isPlain(path: Path): boolean {
    const node = this.node(path);
    if (!isScalar(node) || !node.range) return false;
    const raw = this.text.slice(node.range[0], node.range[1]);
    if (node.type === 'PLAIN') return raw === node.value;
    return (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') && raw.slice(1, -1) === node.value;
  }

  private offsetOf({ path, key, offset }: Place): number {
    if (key !== undefined) {
      const parent = this.node(path);
      const pair = isMap(parent)
        ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
        : undefined;
      if (isPair(pair) && isNode(pair.key) && pair.key.range) return pair.key.range[0];
    }
    for (let depth = path.length; depth >= 0; depth--) {
      const node = this.node(path.slice(0, depth));
      if (!node?.range) continue;
      const inside = depth === path.length && offset !== undefined && this.isPlain(path);
      return node.range[0] + (inside ? offset + (isScalar(node) && node.type !== 'PLAIN' ? 1 : 0) : 0);
    }
    return 0;
  }

  private node(path: Path): Node | undefined {
    const found = path.length === 0 ? this.doc.contents : this.doc.getIn(path, true);
    return isNode(found) ? found : undefined;
  }

  private problemAt(offset: number, message: string, suggestion?: string): Problem {
    const { line, col } = this.lines.linePos(offset);
    return {
      file: this.file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    };
  }
}

function sentence(text: string): string {
  const first = text.split('\n', 1)[0]?.trim() ?? '';
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
