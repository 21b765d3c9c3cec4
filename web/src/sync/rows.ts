import type { Entity } from "../api/entity";
import { same } from "./draft";

/** What tells one entity from another. */
export const entityKey = (entity: Entity) => `${entity.type} ${entity.value.trim()}`;

/** How many characters two texts have in common at their start. */
function commonStart(a: string, b: string): number {
  let n = 0;
  while (n < a.length && a[n] === b[n]) n++;
  return n;
}

/**
 * Which row of `from` each row of `to` goes on from; null for a new one. Entities have no ids, so a
 * row is known by its type and value, and one that was edited by its place between the others.
 */
export function align(from: readonly Entity[], to: readonly Entity[]): (number | null)[] {
  const source: (number | null)[] = to.map(() => null);
  const free = new Set(from.keys());
  const match = (alike: (a: Entity, b: Entity) => boolean) => {
    to.forEach((row, i) => {
      if (source[i] !== null) return;
      const at = from.findIndex((old, j) => free.has(j) && alike(old, row));
      if (at >= 0 && free.delete(at)) source[i] = at;
    });
  };
  match(same);
  match((a, b) => entityKey(a) === entityKey(b));
  // in what is left between two known rows, one of the same type or value is the same row, edited; the most alike first
  let after = -1;
  to.forEach((row, i) => {
    if (source[i] === null) {
      const next = source.slice(i).find((at) => at !== null) ?? from.length;
      const [best] = from
        .map((old, at) => ({ at, old, alike: commonStart(old.value, row.value) }))
        .filter(({ at }) => at > after && at < next && free.has(at))
        .filter(({ old }) => old.type === row.type || old.value.trim() === row.value.trim())
        .sort((a, b) => b.alike - a.alike);
      if (best && free.delete(best.at)) source[i] = best.at;
    }
    after = source[i] ?? after;
  });
  return source;
}
