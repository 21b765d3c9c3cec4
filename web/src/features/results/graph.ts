import type { Results } from "../../api/results";

export type Node = Results["graph"]["nodes"][number];
export type Edge = Results["graph"]["edges"][number];

/** Nodes by what they mean to the case: what is investigated first, then what most findings hold. */
const byWeight = (nodes: readonly Node[]): Node[] =>
  [...nodes].sort((a, b) => Number(b.primary) - Number(a.primary) || b.findings - a.findings);

/** The weightiest nodes, at most `count`, and the links between them. */
function heaviest({ nodes, edges }: Results["graph"], count: number): Results["graph"] {
  const kept = byWeight(nodes).slice(0, count);
  const ids = new Set(kept.map((node) => node.id));
  return { nodes: kept, edges: edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)) };
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

export const linkKey = (edge: Pick<Edge, "source" | "target">) => `${edge.source}~${edge.target}`;

/** The nodes that more than `degree` others are tied to: shared by so many, they say little of any two. Whom the case is about is none. */
export function hubs({ nodes, edges }: Results["graph"], degree: number): Set<string> {
  const ties = new Map<string, number>();
  for (const { source, target } of edges) {
    if (source === target) continue;
    ties.set(source, (ties.get(source) ?? 0) + 1);
    ties.set(target, (ties.get(target) ?? 0) + 1);
  }
  const primary = new Set(nodes.filter((node) => node.primary).map((node) => node.id));
  return new Set([...ties].filter(([id, n]) => n > degree && !primary.has(id)).map(([id]) => id));
}

/** The links of a shortest way between two nodes that leads through none of the others named; null where there is none. */
export function pathBetween(
  { edges }: Results["graph"],
  from: string,
  to: string,
  around: ReadonlySet<string> = new Set(),
): Edge[] | null {
  const came = new Map<string, { edge: Edge; from: string }>();
  let front = [from];
  const seen = new Set(front);
  while (front.length > 0 && !seen.has(to)) {
    const next: string[] = [];
    for (const at of front) {
      for (const edge of edges) {
        if (edge.source !== at && edge.target !== at) continue;
        const other = edge.source === at ? edge.target : edge.source;
        if (seen.has(other) || (around.has(other) && other !== to)) continue;
        seen.add(other);
        came.set(other, { edge, from: at });
        next.push(other);
      }
    }
    front = next;
  }
  if (!seen.has(to)) return null;
  const path: Edge[] = [];
  for (let at = to; at !== from; ) {
    const step = came.get(at);
    if (!step) break;
    path.unshift(step.edge);
    at = step.from;
  }
  return path;
}

export type Spot = { x: number; y: number; side: "left" | "right" | "below" };

/** How far from its neighbour a label needs to be, and how much it takes beside its node, in pixels. */
const rowHeight = 20;
const labelWidth = 150;

/**
 * Where each node is drawn in a box, around 0, 0: what is investigated in the middle, the others on both sides of it in rows of equal
 * height, so that no label lies on another. What is tied to the same stands together.
 */
export function spots({ nodes, edges }: Results["graph"], width: number, height: number): Map<string, Spot> {
  const inner = nodes.filter((node) => node.primary);
  const rank = new Map(inner.map((node, i) => [node.id, i]));
  const tie = (id: string) =>
    Math.min(
      ...edges.flatMap(({ source, target }) =>
        source === id
          ? [rank.get(target) ?? nodes.length]
          : target === id
            ? [rank.get(source) ?? nodes.length]
            : [],
      ),
      nodes.length,
    );
  const outer = nodes
    .filter((node) => !node.primary)
    .map((node) => ({ node, tie: tie(node.id) }))
    .sort((a, b) => a.tie - b.tie || b.node.findings - a.node.findings)
    .map(({ node }) => node);
  const right = outer.filter((_, i) => i % 2 === 0);
  const left = outer.filter((_, i) => i % 2 === 1);
  const rx = Math.max(60, width / 2 - labelWidth);
  const ry = Math.max(height / 2 - rowHeight, (right.length * rowHeight) / 2);
  const found = new Map<string, Spot>();
  inner.forEach((node, i) => {
    if (inner.length > 3) {
      const y = ry * 0.85 * ((2 * i) / (inner.length - 1) - 1); // each at a height of its own, by turns left and right
      found.set(node.id, { x: rx * 0.25 * (i % 2 === 0 ? -1 : 1), y, side: "below" });
      return;
    }
    const angle = (2 * Math.PI * i) / inner.length - Math.PI / 2;
    const [x, y] = inner.length === 1 ? [0, 0] : [rx * 0.4 * Math.cos(angle), ry * 0.5 * Math.sin(angle)];
    found.set(node.id, { x, y, side: "below" });
  });
  for (const [column, sign, side] of [
    [right, 1, "right"],
    [left, -1, "left"],
  ] as const) {
    column.forEach((node, i) => {
      const y = -ry + ((i + 0.5) * 2 * ry) / column.length;
      const bend = inner.length > 3 ? 0 : 0.75; // many in the middle reach to its ends
      found.set(node.id, { x: sign * rx * Math.sqrt(1 - (y / ry) ** 2 * bend), y, side });
    });
  }
  return found;
}

/**
 * What is drawn: the weightiest nodes, those that were opened with all that they are tied to, and what must be there; without
 * those that are hidden.
 */
export function visible(
  graph: Results["graph"],
  count: number,
  opened: ReadonlySet<string>,
  needed: ReadonlySet<string>,
  hidden: ReadonlySet<string>,
): Results["graph"] {
  const ids = new Set(heaviest(graph, count).nodes.map((node) => node.id));
  for (const id of [...opened, ...needed]) ids.add(id);
  for (const { source, target } of graph.edges) {
    if (opened.has(source)) ids.add(target);
    if (opened.has(target)) ids.add(source);
  }
  const stays = (id: string) => ids.has(id) && (!hidden.has(id) || needed.has(id));
  return {
    nodes: graph.nodes.filter((node) => stays(node.id)),
    edges: graph.edges.filter((edge) => stays(edge.source) && stays(edge.target)),
  };
}
