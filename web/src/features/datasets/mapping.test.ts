import { expect, test } from "vitest";
import type { Column } from "../../api/dataset";
import { correct, mappingOf } from "./mapping";

const column = (source: string, canonical: string): Column => ({
  source,
  canonical,
  confidence: 0.9,
  kind: "text",
  label: false,
  nulls: 0,
  unreadable: 0,
  samples: [],
  words: [],
});
const columns = [column("uid", "user_id"), column("dev", ""), column("when", "event_time")];

test("a meaning that is given to another column is taken from the first", () => {
  const corrections = correct(columns, {}, "dev", "user_id");
  expect(corrections).toEqual({ uid: "", dev: "user_id" });
  expect(mappingOf(columns, corrections)).toEqual({ user_id: "dev", event_time: "when" });
});

test("a correction that is taken back is none", () => {
  const once = correct(columns, {}, "dev", "device_id");
  expect(correct(columns, once, "dev", "")).toEqual({});
});

test("any number of columns may go unused", () => {
  const corrections = correct(columns, {}, "uid", "");
  expect(correct(columns, corrections, "when", "")).toEqual({ uid: "", when: "" });
});
