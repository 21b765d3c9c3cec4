import { useState } from "react";
import type { Entity } from "../../api/entity";
import { align } from "../../sync/rows";

type Rows = { entities: readonly Entity[]; ids: number[]; next: number };

const follow = ({ entities, ids, next }: Rows, now: readonly Entity[]): Rows => {
  let fresh = next;
  const carried = align(entities, now).map((at) => (at === null ? fresh++ : (ids[at] ?? fresh++)));
  return { entities: now, ids: carried, next: fresh };
};

/** An id for each row that stays with it while it is edited, here or elsewhere, so that the focus stays where it is. */
export function useRowIds(entities: readonly Entity[]): number[] {
  const [rows, setRows] = useState(() => follow({ entities: [], ids: [], next: 1 }, entities));
  if (rows.entities === entities) return rows.ids;
  const now = follow(rows, entities);
  setRows(now);
  return now.ids;
}
