import fc from "fast-check";
import { expect, test } from "vitest";
import { steps } from "../../api/status";
import { moved, trailOf, walked } from "./stepTrail";

test("begins with what the server remembers", () => {
  const history = [{ step: "settings" }, { step: "progress" }, { step: "settings" }] as const;
  expect(trailOf(history, "settings")).toEqual({ visited: ["settings", "progress", "settings"], at: 2 });
  expect(trailOf(history, "results")).toEqual({
    visited: ["settings", "progress", "settings", "results"],
    at: 3,
  });
});

test("back and forward end where they began, and a new way cuts off the old one", () => {
  const acts = fc.array(fc.oneof(fc.constantFrom<-1 | 1>(-1, 1), fc.constantFrom(...steps)), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(acts, (way) => {
      let trail = trailOf([], "settings");
      for (const act of way) {
        const before = trail;
        trail = typeof act === "number" ? moved(trail, act) : walked(trail, act);
        expect(trail.visited[trail.at]).toBeDefined();
        if (typeof act === "string") {
          expect(trail.visited[trail.at]).toBe(act);
          expect(moved(trail, 1)).toEqual(trail.at === before.at ? moved(before, 1) : trail);
        }
        const back = moved(trail, -1);
        if (back !== trail) expect(moved(back, 1)).toEqual(trail);
      }
    }),
  );
});
