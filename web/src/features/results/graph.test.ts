import { expect, test } from "vitest";
import { hubs, linkKey, linksByNode, pathBetween, spots, visible } from "./graph";

const node = (id: string, findings = 0, primary = false) => ({
  id,
  type: "user_id",
  value: id,
  findings,
  primary,
});
const edge = (source: string, target: string, count = 1) => ({ source, target, count, rows: [1] });
const none: ReadonlySet<string> = new Set();

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

const wheel = {
  nodes: ["p", "hub", "a", "b", "c", "d"].map((id, i) => node(id, 10 - i, id === "p")),
  edges: [
    edge("p", "hub"),
    edge("hub", "a"),
    edge("hub", "b"),
    edge("hub", "d"),
    edge("a", "c"),
    edge("c", "p"),
  ],
};

test("a hub is what many others are tied to", () => {
  expect([...hubs(wheel, 3)]).toEqual(["hub"]);
  expect([...hubs(wheel, 4)]).toEqual([]);
  expect([...hubs(wheel, 1)]).not.toContain("p");
});

test("a way between two is the shortest, and leads around what is hidden", () => {
  const way = (from: string, to: string, around = none) => pathBetween(wheel, from, to, around)?.map(linkKey);
  expect(way("p", "b")).toEqual(["p~hub", "hub~b"]);
  expect(way("p", "a")).toEqual(["p~hub", "hub~a"]);
  expect(way("p", "a", new Set(["hub"]))).toEqual(["c~p", "a~c"]);
  expect(way("p", "b", new Set(["hub"]))).toBeUndefined();
  expect(way("p", "hub", new Set(["hub"]))).toEqual(["p~hub"]);
  expect(way("p", "nowhere")).toBeUndefined();
});

test("what is opened brings all that it is tied to; what is hidden goes, unless it is needed", () => {
  const ids = (...more: [number, ReadonlySet<string>, ReadonlySet<string>, ReadonlySet<string>]) =>
    visible(wheel, ...more).nodes.map((n) => n.id);
  expect(ids(2, none, none, none)).toEqual(["p", "hub"]);
  expect(ids(2, new Set(["a"]), none, none)).toEqual(["p", "hub", "a", "c"]);
  expect(ids(2, none, none, new Set(["hub"]))).toEqual(["p"]);
  expect(ids(2, none, new Set(["hub", "d"]), new Set(["hub"]))).toEqual(["p", "hub", "d"]);
  expect(visible(wheel, 2, none, none, none).edges.map(linkKey)).toEqual(["p~hub"]);
});

test("no label lies on another, and all stay in a box that is wide enough", () => {
  const outer = Array.from({ length: 23 }, (_, i) => node(`n${i}`, i));
  const found = spots(
    { nodes: [node("p", 0, true), ...outer], edges: outer.map((n) => edge("p", n.id)) },
    540,
    440,
  );
  expect(found.get("p")).toEqual({ x: 0, y: 0, side: "below" });
  for (const side of ["left", "right"]) {
    const column = [...found.values()].filter((spot) => spot.side === side).sort((a, b) => a.y - b.y);
    expect(column.length).toBeGreaterThanOrEqual(11);
    const gaps = column.slice(1).map((spot, i) => spot.y - (column[i]?.y ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(20);
    for (const { x, y } of column) {
      expect(Math.abs(x)).toBeLessThanOrEqual(120);
      expect(Math.abs(y)).toBeLessThanOrEqual(220);
    }
  }
});
