import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';

/** Registered at the server by `npm start`, compose and the operating guide; `doctor` compares. */
const ATTRIBUTES = {
  Person: defineSearchAttributeKey('Person', 'KEYWORD'),
  Stage: defineSearchAttributeKey('Stage', 'KEYWORD'),
  NeedsAttention: defineSearchAttributeKey('NeedsAttention', 'BOOL'),
  DueAt: defineSearchAttributeKey('DueAt', 'DATETIME'),
};

export type Row = {
  step: string;
  /** Target, rule or date that the step is about. */
  about: string;
  state: string;
  /** ISO, when this state began. */
  since: string;
  /** ISO, when it ends by itself or somebody is late. */
  due?: string;
  /** True: an operator should look. */
  attention?: boolean;
};

/** The answer of the query `status`. */
export type Status = {
  type: string;
  person: string;
  stage: string;
  needsAttention: boolean;
  /** What waits for what, since when. */
  rows: Row[];
  notes: string[];
};

type Shown = {
  person: string | undefined;
  stage: string | undefined;
  attention: boolean | undefined;
  dueAt: string | undefined;
};

/**
 * Stages that pass by themselves. The search attribute `Stage` says `working` for all of them: each time it is told costs the server as much as an
 * activity, and lists are asked for what waits.
 */
const WORKING: readonly string[] = ['starting', 'resolving', 'changing', 'disabling'];

/** UI and proxies pass the details in a URL: keep them small. */
const DETAILS_LIMIT = 2_400;

/** What an operator sees of a run: the status query, the table in the current details, and the search attributes. */
export class Board {
  private readonly rows = new Map<string, Row>();
  private readonly notes: string[] = [];
  private stage = 'starting';
  private dueAt: string | undefined;
  /** What the search attributes say: first what the run was started with. */
  private shown: Shown;
  private readonly type: string;
  private readonly person: string;

  constructor(type: string, person: string) {
    this.type = type;
    this.person = person;
    const given = workflowInfo().typedSearchAttributes;
    this.shown = {
      person: given.get(ATTRIBUTES.Person),
      stage: given.get(ATTRIBUTES.Stage),
      attention: given.get(ATTRIBUTES.NeedsAttention),
      dueAt: given.get(ATTRIBUTES.DueAt)?.toISOString(),
    };
  }

  at(stage: string, dueAt?: string): void {
    this.stage = stage;
    this.dueAt = dueAt;
    this.show();
  }

  set(step: string, about: string, state: string, more: { due?: string; attention?: boolean } = {}): void {
    const key = `${step}/${about}`;
    const before = this.rows.get(key);
    const since = before?.state === state ? before.since : new Date().toISOString();
    this.rows.set(key, {
      step,
      about,
      state,
      since,
      ...(more.due && { due: more.due }),
      ...(more.attention && { attention: true }),
    });
    this.show();
  }

  /** A step that has just begun: whoever is slow stands there with the time since when. What was said of it before stays until there is news. */
  begin(step: string, about: string, state: string): void {
    if (!this.rows.has(`${step}/${about}`)) this.set(step, about, state);
  }

  note(text: string): void {
    if (this.notes.at(-1) === text) return;
    this.notes.push(text);
    if (this.notes.length > 8) this.notes.shift();
    this.show();
  }

  status(): Status {
    return {
      type: this.type,
      person: this.person,
      stage: this.stage,
      needsAttention: this.attention(),
      rows: [...this.rows.values()],
      notes: [...this.notes],
    };
  }

  private attention(): boolean {
    return [...this.rows.values()].some((r) => r.attention);
  }

  private show(): void {
    setCurrentDetails(this.details());
    const now = {
      person: this.person,
      stage: WORKING.includes(this.stage) ? 'working' : this.stage,
      attention: this.attention(),
      dueAt: this.dueAt,
    };
    const { shown } = this;
    const updates = [];
    if (now.person !== shown.person) updates.push({ key: ATTRIBUTES.Person, value: now.person });
    if (now.stage !== shown.stage) updates.push({ key: ATTRIBUTES.Stage, value: now.stage });
    if (now.attention !== shown.attention) updates.push({ key: ATTRIBUTES.NeedsAttention, value: now.attention });
    if (now.dueAt !== shown.dueAt)
      updates.push({ key: ATTRIBUTES.DueAt, value: now.dueAt === undefined ? null : new Date(now.dueAt) });
    this.shown = now;
    if (updates.length > 0) upsertSearchAttributes(updates);
  }

  private details(): string {
    const head = `**${escape(this.type)}** ${escape(this.person)}: ${escape(this.stage)}\n\n| step | about | state | due\u00a0(UTC) |\n|---|---|---|---|\n`;
    const rows = [...this.rows.values()].map(
      (r) =>
        `| ${escape(r.step)}${GAP} | ${escape(r.about).replaceAll(' ', '\u00a0')}${GAP} | ${escape(r.attention ? `⚠ ${r.state}` : r.state)}${GAP} | ${r.due ? unbroken(r.due.slice(0, 16).replace('T', ' ')) : ''} |`,
    );
    const notes = this.notes.map((n) => `\n- ${escape(n)}`).join('');
    return fit(head, rows, notes);
  }
}

function fit(head: string, rows: string[], notes: string): string {
  const all = `${head}${rows.join('\n')}\n${notes}`;
  if (all.length <= DETAILS_LIMIT) return all;
  const room = Math.max(3, Math.floor((rows.length * DETAILS_LIMIT) / all.length) - 1);
  return `${head}${rows.slice(0, room).join('\n')}\n\n… and ${rows.length - room} more: query status.`.slice(
    0,
    DETAILS_LIMIT,
  );
}

/** The UI draws tables without borders: hard spaces keep the columns apart. */
const GAP = '\u00a0\u00a0';

/** The UI squeezes the last column first: a date stays on one line. */
const unbroken = (text: string): string => text.replaceAll(' ', '\u00a0').replaceAll('-', '\u2011');

/** Values come from outside: no table, link, code or HTML may be made of them. */
function escape(text: string): string {
  return text
    .replace(/[|<>[\]`*_\\]/gu, (c) => (c === '<' ? '&lt;' : c === '>' ? '&gt;' : `\\${c}`))
    .replace(/\s+/gu, ' ')
    .slice(0, 300);
}
