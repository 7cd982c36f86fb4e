import { asked } from './company.ts';
import { CALLER } from './faults.ts';

/** Counts what Tenure has written to the stand-ins, reading each line of their ledgers once. */
export class Progress {
  readonly #ends: { control: string; caller: string; next: number }[];
  #count = 0;
  #reading: Promise<number> | undefined;

  constructor(controls: { otds: string; iconik: string }) {
    const systems = ['otds', 'iconik'] as const;
    this.#ends = systems.map((system) => ({ control: controls[system], caller: CALLER[system], next: 0 }));
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
      const entries = page['entries'] as { caller: string; writes: { object: string }[] }[]; // the control contract's ledger
      for (const { caller, writes } of entries)
        if (caller === end.caller)
          this.#count += writes.filter((w) => w.object !== 'ticket' && w.object !== 'token').length;
    }
    return this.#count;
  }
}
