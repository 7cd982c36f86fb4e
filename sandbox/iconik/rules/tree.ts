import type { State } from '../state.ts';

/** The collections that an object lies in directly; empty for roots and for what is in no collection. */
function containersOf(state: State, type: string, key: string): string[] {
  if (type === 'collections') return state.collections[key]?.in_collections ?? [];
  return state.things[key]?.in_collections ?? [];
}

/** Every collection above an object, nearest first, each once (a collection may lie in several). */
export function ancestorsOf(state: State, type: string, key: string): string[] {
  const found: string[] = [];
  const queue = [...containersOf(state, type, key)];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (found.includes(next) || next === key) continue;
    found.push(next);
    queue.push(...containersOf(state, 'collections', next));
  }
  return found;
}

/** What lies directly in a collection. */
export function childrenOf(state: State, collection: string): { type: string; id: string }[] {
  const inside = (item: { in_collections: string[] }): boolean => item.in_collections.includes(collection);
  return [
    ...Object.values(state.collections)
      .filter(inside)
      .map(({ id }) => ({ type: 'collections', id })),
    ...Object.values(state.things)
      .filter(inside)
      .map((thing) => ({ type: thing.object_type, id: thing.id })),
  ];
}

/** Everything below a collection, each once. */
export function descendantsOf(state: State, collection: string): { type: string; id: string }[] {
  const found = new Map<string, { type: string; id: string }>();
  const queue = childrenOf(state, collection);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (found.has(next.id) || next.id === collection) continue;
    found.set(next.id, next);
    if (next.type === 'collections') queue.push(...childrenOf(state, next.id));
  }
  return [...found.values()];
}
