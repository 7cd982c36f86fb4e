/** At most so many topics in one condition (FCM). */
const TOPICS_MAX = 5;

/**
 * A topic condition such as `'a' in topics && ('b' in topics || !('c' in topics))` as a question to a list of topics, or null
 * when it is none. `&&` and `||` bind alike, from left to right, as FCM documents; brackets and `!` go first.
 */
export function conditionOf(text: string): ((topics: readonly string[]) => boolean) | null {
  const tokens = text.match(/'[^']*'\s+in\s+topics|&&|\|\||[()!]|\S/g) ?? [];
  const named = tokens.filter((token) => token.startsWith("'"));
  if (named.length === 0 || named.length > TOPICS_MAX) return null;
  const parser = new Parser(tokens);
  const question = parser.either();
  return question && parser.done ? question : null;
}

type Question = (topics: readonly string[]) => boolean;

class Parser {
  readonly #tokens: string[];
  #at = 0;

  constructor(tokens: string[]) {
    this.#tokens = tokens;
  }

  get done(): boolean {
    return this.#at === this.#tokens.length;
  }

  either(): Question | null {
    let left = this.#single();
    for (let operator = this.#tokens[this.#at]; left && (operator === '&&' || operator === '||');) {
      this.#at++;
      const [first, second]: [Question, Question | null] = [left, this.#single()];
      if (!second) return null;
      left = operator === '&&' ? (t) => first(t) && second(t) : (t) => first(t) || second(t);
      operator = this.#tokens[this.#at];
    }
    return left;
  }

  #single(): Question | null {
    const token = this.#tokens[this.#at++];
    const topic = /^'([\w.~%-]+)'/.exec(token ?? '')?.[1];
    if (topic !== undefined) return (topics) => topics.includes(topic);
    if (token === '!') {
      const inner = this.#single();
      return inner && ((topics) => !inner(topics));
    }
    if (token !== '(') return null;
    const inner = this.either();
    return this.#tokens[this.#at++] === ')' ? inner : null;
  }
}
