/** A limit on revocations over a rolling window, all runs and targets together. */
export type Brake = {
  windowMs: number;
  /** Trips above `count` revocations, or when more than `percent` of all people known (and more than ten) lost something. Either may be absent. */
  revokes: { count?: number; percent?: number };
  onTrip: 'hold';
};

/** A share says nothing about a handful of people: up to this many who lost something, `percent` never trips. */
const FLOOR_PEOPLE = 10;

/** What the ledger counted within the brakes' window. */
export type RevokedWindow = { revokes: number; people: number; total: number };

/**
 * Would `planned` more revocations, for one person, pass one of the brakes? All brakes given share the one window; ask once for each window.
 * Urgent departures are not asked about. `why` is a sentence with the numbers; empty where nothing trips.
 */
export function judgeBrakes(
  brakes: readonly Brake[],
  window: RevokedWindow,
  planned: number,
): { trip: boolean; why: string } {
  if (planned <= 0) return { trip: false, why: '' };
  const minutes = (brake: Brake) => `${Math.round(brake.windowMs / 60_000)} minutes`;
  for (const brake of brakes) {
    const { count, percent } = brake.revokes;
    const revokes = window.revokes + planned;
    if (count !== undefined && revokes > count) {
      return { trip: true, why: `${revokes} revocations within ${minutes(brake)}, more than the brake's ${count}.` };
    }
    const people = Math.min(window.people + 1, window.total);
    if (percent !== undefined && people > FLOOR_PEOPLE && (people * 100) / window.total > percent) {
      return {
        trip: true,
        why: `${people} of ${window.total} people lost access within ${minutes(brake)}, more than the brake's ${percent} %.`,
      };
    }
  }
  return { trip: false, why: '' };
}
