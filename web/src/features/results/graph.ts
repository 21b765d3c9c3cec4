import type { Results } from "../../api/results";

export type Node = Results["graph"]["nodes"][number];
export type Edge = Results["graph"]["edges"][number];
export type Placed = { node: Node; x: number; y: number; ring: "inner" | "outer" };

/** Nodes by what they mean to the case: what is investigated first, then what most findings hold. */
const byWeight = (nodes: readonly Node[]): Node[] =>
  [...nodes].sort((a, b) => Number(b.primary) - Number(a.primary) || b.findings - a.findings);

/** The weightiest nodes, at most `count`, and the links between them. */
export function heaviest({ nodes, edges }: Results["graph"], count: number): Results["graph"] {
  const kept = byWeight(nodes).slice(0, count);
  const ids = new Set(kept.map((node) => node.id));
  return { nodes: kept, edges: edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)) };
}

/**
 * Places nodes on rings around (0, 0): what is investigated on the inner ring (alone: in the middle), all
 * others on an outer one. Deterministic: the same graph gives the same drawing.
 */
export function place(nodes: readonly Node[], inner: number, outer: number): Placed[] {
  const sorted = byWeight(nodes);
  const middle = sorted.filter((node) => node.primary);
  const around = sorted.filter((node) => !node.primary);
  const on = (ring: Placed["ring"], members: Node[], radius: number, turn: number): Placed[] =>
    members.map((node, i) => {
      const angle = (2 * Math.PI * (i + turn)) / members.length - Math.PI / 2;
      return { node, x: radius * Math.cos(angle), y: radius * Math.sin(angle), ring };
    });
  return [...on("inner", middle, middle.length === 1 ? 0 : inner, 0), ...on("outer", around, outer, 0.5)];
}

/** The links of each node to those it shares most rows with. Every link stands once, with the weightier node. */
export function linksByNode(nodes: readonly Node[], edges: readonly Edge[]) {
  const sorted = byWeight(nodes);
  const rank = new Map(sorted.map((node, i) => [node.id, i]));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const groups = new Map<string, { edge: Edge; other: Node }[]>();
  for (const edge of edges) {
    const a = rank.get(edge.source);
    const b = rank.get(edge.target);
    if (a === undefined || b === undefined || a === b) continue;
    const owner = a < b ? edge.source : edge.target;
    const other = byId.get(a < b ? edge.target : edge.source);
    if (other) groups.set(owner, [...(groups.get(owner) ?? []), { edge, other }]);
  }
  return sorted.flatMap((node) => {
    const links = groups.get(node.id);
    return links ? [{ node, links: links.sort((x, y) => y.edge.count - x.edge.count) }] : [];
  });
}
