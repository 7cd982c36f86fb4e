import { asked } from './company.ts';
import { CALLER, SYSTEMS, type Controls } from './systems.ts';

type Entry = { caller: string; writes: { object: string }[] };

/** No effects on anybody's access: log-ins, and messages. */
const ASIDE = ['ticket', 'token', 'bearer', 'waiting', 'inbox'];

/** Counts what Tenure has written to the stand-ins, reading each line of their ledgers once. */
export class Progress {
  readonly #ends: { control: string; caller: string | undefined; next: number }[];
  #count = 0;
  #reading: Promise<number> | undefined;

  constructor(controls: Controls) {
    this.#ends = SYSTEMS.flatMap((system) => {
      const control = controls[system];
      return control === undefined ? [] : [{ control, caller: CALLER[system], next: 0 }];
    });
  }

  /** Forgets what was written so far: it was preparation. */
  async begin(): Promise<void> {
    await this.writes();
    this.#count = 0;
  }

  /** Writes so far. Asked by many at once it reads once. */
  writes(): Promise<number> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #read(): Promise<number> {
    for (const end of this.#ends) {
      const page = await asked(`${end.control}/ledger?since=${end.next}`, 'GET');
      end.next = Number(page['next']);
      for (const { caller, writes } of page['entries'] as Entry[])
        // the control contract's ledger
        if (end.caller === undefined || caller === end.caller)
          this.#count += writes.filter((w) => !ASIDE.includes(w.object)).length;
    }
    return this.#count;
  }
}
