import { asked } from './company.ts';
import { CALLER, SYSTEMS, type Controls, type System } from './systems.ts';

type Entry = { caller: string; writes: { object: string }[]; fault?: object | null };

/** What one system saw of Tenure: effects (at FCM: notices shown), and faults that its requests met. */
export type Met = { writes: number; faults: number };

type End = Met & { system: System; control: string; next: number };

/** Counts what Tenure has written to the stand-ins, reading each line of their ledgers once. */
export class Progress {
  readonly #ends: End[];
  #reading: Promise<number> | undefined;

  constructor(controls: Controls) {
    this.#ends = SYSTEMS.flatMap((system) => {
      const control = controls[system];
      return control === undefined ? [] : [{ system, control, next: 0, writes: 0, faults: 0 }];
    });
  }

  /** Forgets what was written so far: it was preparation. */
  async begin(): Promise<void> {
    await this.writes();
    for (const end of this.#ends) end.writes = 0;
  }

  /** Writes so far that touch anybody's access. Asked by many at once it reads once. */
  writes(): Promise<number> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** By system, as last read. */
  met(): Partial<Record<System, Met>> {
    return Object.fromEntries(this.#ends.map(({ system, writes, faults }) => [system, { writes, faults }]));
  }

  async #read(): Promise<number> {
    for (const end of this.#ends) {
      const page = await asked(`${end.control}/ledger?since=${end.next}`, 'GET');
      end.next = Number(page['next']);
      const counted = end.system === 'fcm' ? NOTICES : (object: string) => !LOGINS.includes(object);
      for (const { caller, writes, fault } of page['entries'] as Entry[]) {
        // the control contract's ledger
        if (CALLER[end.system] !== undefined && caller !== CALLER[end.system]) continue;
        end.writes += writes.filter(({ object }) => counted(object)).length;
        if (fault) end.faults++;
      }
      if (end.system === 'ftp') end.faults = Number(page['met']); // partners.ts
    }
    return this.#ends.reduce((sum, { system, writes }) => sum + (system === 'fcm' ? 0 : writes), 0);
  }
}

const LOGINS = ['ticket', 'token'];
const NOTICES = (object: string): boolean => object === 'inbox';
