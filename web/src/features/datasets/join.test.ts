import { expect, test } from "vitest";
import { dataset } from "../../api/dataset";
import { commonKey } from "./JoinDialog";

const file = (columns: [source: string, canonical: string, label?: boolean][]) =>
  dataset.parse({
    id: "d",
    name: "d",
    rows: 1,
    rejected_rows: 0,
    bytes: 1,
    sha256: "",
    created_at: "2026-01-01T00:00:00.000Z",
    first_event_at: null,
    last_event_at: null,
    in_use: false,
    columns: columns.map(([source, canonical, label = false]) => ({
      source,
      canonical,
      confidence: 1,
      kind: "text",
      label,
      nulls: 0,
      samples: [],
    })),
  });

test("the key is the column that both files call alike, else the one of one meaning", () => {
  const events = file([
    ["amount", "amount"],
    ["cust_no", "user_id"],
  ]);
  expect(commonKey(events, file([["Cust_No", "user_id"]]))).toEqual({ on: "cust_no", with: "Cust_No" });
  expect(commonKey(events, file([["kunde", "user_id"]]))).toEqual({ on: "cust_no", with: "kunde" });
  expect(commonKey(events, file([["amount", "amount"]]))).toBeNull();
  expect(commonKey(events, file([["cust_no", "", true]]))).toBeNull();
});
