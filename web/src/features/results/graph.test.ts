import { expect, test } from "vitest";
import { heaviest, linksByNode, place } from "./graph";

const node = (id: string, findings = 0, primary = false) => ({
  id,
  type: "user_id",
  value: id,
  findings,
  primary,
});
const edge = (source: string, target: string, count: number) => ({ source, target, count, rows: [1] });

test("what is investigated stands in the middle, the others around it", () => {
  const placed = place([node("a"), node("p", 1, true), node("b")], 40, 100);
  expect(placed[0]).toMatchObject({ node: { id: "p" }, ring: "inner" });
  expect(Math.hypot(placed[0]?.x ?? 1, placed[0]?.y ?? 1)).toBeCloseTo(0);
  for (const { x, y } of placed.slice(1)) expect(Math.hypot(x, y)).toBeCloseTo(100);
});

test("every link is told once, with the weightier of its ends, the strongest first", () => {
  const groups = linksByNode(
    [node("a", 1), node("b", 5), node("p", 0, true)],
    [edge("a", "p", 1), edge("p", "b", 7), edge("a", "b", 2), edge("a", "a", 9), edge("a", "gone", 3)],
  );
  expect(groups.map((g) => [g.node.id, g.links.map((l) => [l.other.id, l.edge.count])])).toEqual([
    [
      "p",
      [
        ["b", 7],
        ["a", 1],
      ],
    ],
    ["b", [["a", 2]]],
  ]);
});

test("a large graph is drawn by its weightiest nodes and the links between them", () => {
  const graph = {
    nodes: [node("a", 1), node("b", 5), node("p", 0, true)],
    edges: [edge("a", "p", 1), edge("p", "b", 7)],
  };
  expect(heaviest(graph, 2)).toEqual({
    nodes: [node("p", 0, true), node("b", 5)],
    edges: [edge("p", "b", 7)],
  });
});
