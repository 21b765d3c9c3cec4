import { expect, test } from "vitest";
import { countsFor, countsOf, intervalText, scoredAs } from "./score";

test("the interval is told as wide as it is, and never as nothing while something is open", () => {
  expect(intervalText({ low: 38.2, high: 51.6 }, 4)).toBe(
    "38–52 should one check that was not assessed fire",
  );
  expect(intervalText({ low: 91.7, high: 92 }, 3)).toBe(
    "91.7–92.0 should one check that was not assessed fire",
  );
  expect(intervalText({ low: 91.7, high: 91.72 }, 3)).toMatch(/could hardly change/);
  expect(intervalText(null, 3)).toMatch(/not known/);
  expect(intervalText({ low: 40, high: 40 }, 0)).toMatch(/Every check assessed/);
});

const ip = { type: "ip_address", value: "192.0.2.1" };
const user = { type: "user_id", value: "u_1" };
const gone = { type: "user_id", value: "u_9", rows: 0, risk_score: null };
const scoring = (who: typeof ip, risk_score: number) => ({ ...who, rows: 3, risk_score });

test("a case of several entities is scored as the worst of them", () => {
  const entities = [scoring(user, 12), scoring(ip, 81.5), gone];
  expect(scoredAs({ entities })).toMatchObject({ worst: ip, alike: 0, of: 3 });
  expect(scoredAs({ entities: [scoring(user, 40), scoring(ip, 40)] })).toMatchObject({
    worst: user,
    alike: 1,
    of: 2,
  });
});

test("nobody is called the worst of one, of none that score, or of results that do not say what each scores", () => {
  expect(scoredAs({ entities: [scoring(user, 12)] })).toBeNull();
  expect(scoredAs({ entities: [scoring(user, 0), scoring(ip, 0)] })).toBeNull();
  expect(scoredAs({ entities: [gone, { ...gone, ...ip }] })).toBeNull();
});

test("a finding counts for the entities that it names a part of, or for each where it names none", () => {
  const parts = [{ ...ip, strength: 0.5, weight: 0.5 }];
  expect(countsFor({ parts }, ip)).toBe(true);
  expect(countsFor({ parts }, user)).toBe(false);
  expect(countsFor({ parts: [] }, user)).toBe(true);
});

test("what a finding counts for an entity follows the weights that the analyst gave the entities", () => {
  const part = { ...ip, strength: 0.8, weight: 0.5 };
  expect(countsOf(part, [ip, user])).toBeCloseTo(0.4);
  expect(
    countsOf(part, [
      { ...ip, weight: 2 },
      { ...user, weight: 10 },
    ]),
  ).toBeCloseTo(0.08);
  expect(
    countsOf(part, [
      { ...ip, weight: 10 },
      { ...user, weight: 2 },
    ]),
  ).toBeCloseTo(0.4);
});
