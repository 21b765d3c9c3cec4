import fc from "fast-check";
import { expect, test } from "vitest";
import {
  broke,
  type Circumstances,
  choose,
  isBetter,
  type Ladder,
  ladderFrom,
  usable,
  worked,
} from "./ladder";
import { rungs } from "./transport";

const start = (): Ladder => ladderFrom(null, 0);
const anything: Circumstances = {
  streams: true,
  polling: true,
  pollOnly: false,
  atRest: false,
  unseen: false,
};

test.each([
  ["everything", {}, ["websocket", "sse", "longpoll", "poll"]],
  ["a user who wants polls", { pollOnly: true }, ["poll"]],
  ["streams switched off", { streams: false }, ["longpoll", "poll"]],
  ["polling switched off", { polling: false }, ["websocket", "sse", "poll"]],
  ["a run that is over", { atRest: true }, ["longpoll", "poll"]],
  ["a page that nobody looks at", { unseen: true }, ["poll"]],
] as const)("ways with %s", (_, change, ways) => {
  expect(usable({ ...anything, ...change })).toEqual(ways);
});

test("the next way is taken when one does not open, and the better one is tried again later, ever more rarely", () => {
  const ways = usable(anything);
  let ladder = broke(start(), { rung: "websocket", openMs: null, silent: false }, 0);
  expect(choose(ladder, ways, 0)).toBe("sse");
  expect(choose(ladder, ways, 14_999)).toBe("sse");
  expect(choose(ladder, ways, 15_000)).toBe("websocket");
  ladder = broke(ladder, { rung: "websocket", openMs: null, silent: false }, 15_000);
  expect(choose(ladder, ways, 44_999)).toBe("sse");
  expect(choose(ladder, ways, 45_000)).toBe("websocket");
  ladder = worked(ladder, "websocket", 10_000);
  expect(ladder).toEqual(start());
});

test("a way that worked and broke is tried again at once; one that keeps breaking is left", () => {
  const cut = { rung: "websocket", openMs: 60_000, silent: false } as const;
  expect(choose(broke(start(), cut, 0), usable(anything), 0)).toBe("websocket");
  const short = { ...cut, openMs: 500 };
  let ladder = broke(start(), short, 0);
  expect(choose(ladder, usable(anything), 0)).toBe("websocket");
  ladder = broke(ladder, short, 1000);
  expect(choose(ladder, usable(anything), 1000)).toBe("sse");
  const silent = { ...cut, silent: true };
  ladder = broke(broke(start(), silent, 0), silent, 0);
  expect(choose(ladder, usable(anything), 0)).toBe("sse");
});

test("what is remembered is read, and a wrong clock or another text blocks nothing for long", () => {
  const ladder = broke(start(), { rung: "sse", openMs: null, silent: false }, 1000);
  expect(ladderFrom(JSON.parse(JSON.stringify(ladder.blocked)), 1000).blocked).toEqual(ladder.blocked);
  expect(ladderFrom({ sse: { times: 1, until: 9e15 } }, 0).blocked.sse?.until).toBe(600_000);
  expect(ladderFrom({ carrier_pigeon: 1 }, 0)).toEqual(start());
});

test("whatever breaks, there is a way, never a blocked one while a better is free, and none is blocked for ever", () => {
  const happening = fc.record({
    rung: fc.constantFrom(...rungs),
    openMs: fc.option(fc.nat(60_000)),
    silent: fc.boolean(),
    later: fc.nat(120_000),
  });
  const where = fc.record({
    streams: fc.boolean(),
    polling: fc.boolean(),
    pollOnly: fc.boolean(),
    atRest: fc.boolean(),
    unseen: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(happening), where, (happenings, circumstances) => {
      const ways = usable(circumstances);
      let ladder = start();
      let now = 0;
      for (const { later, ...what } of happenings) {
        now += later;
        ladder = broke(ladder, what, now);
        const chosen = choose(ladder, ways, now);
        expect(ways).toContain(chosen);
        for (const rung of ways) {
          if (isBetter(rung, chosen)) expect(ladder.blocked[rung]?.until).toBeGreaterThan(now);
        }
      }
      expect(choose(ladder, ways, now + 600_000)).toBe(ways[0]);
    }),
  );
});
