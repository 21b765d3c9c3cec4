import { expect, test } from "vitest";
import { draftOf } from "../../sync/draft";
import { sampleState } from "../../testing/sample";
import { downTheForm, faultAt, fieldId, focusField, readiness } from "./fault";

const complete = {
  ...draftOf(sampleState()),
  settings: {
    ...sampleState().settings,
    dataset: "d",
    entities: [{ type: "user_id" as const, value: "97051" }],
  },
};
const pointers = (change: object) =>
  readiness({ ...complete, settings: { ...complete.settings, ...change } }, undefined).map((f) => f.pointer);

test("a complete draft has nothing against it", () => {
  expect(pointers({})).toEqual([]);
});

test("everything that is missing is told at once", () => {
  const faults = readiness(
    {
      name: " ",
      wizard_step: "settings",
      settings: { ...sampleState().settings, time_range: {} },
    },
    undefined,
  );
  expect(faults.map((f) => f.pointer)).toEqual([
    "/name",
    "/settings/dataset",
    "/settings/entities",
    "/settings/time_range/start",
    "/settings/time_range/end",
  ]);
});

test("wrong, repeated and reversed values are told where they stand", () => {
  expect(
    pointers({
      entities: [
        { type: "email", value: "nobody" },
        { type: "user_id", value: "7" },
        { type: "user_id", value: " 7 " },
      ],
      time_range: { start: "2026-02-01T00:00:00.000Z", end: "2026-01-01T00:00:00.000Z" },
    }),
  ).toEqual(["/settings/entities/0/value", "/settings/entities/2/value", "/settings/time_range/end"]);
});

test("faults are told down the form, whoever found them", () => {
  const pointers = [
    "/settings/time_range/start",
    "/somewhere",
    "/settings/entities/10/value",
    "/settings/entities/9/type",
    "/settings/time_range/end",
    "/settings/entities",
    "/name",
  ];
  const faults = pointers.map((pointer) => ({ pointer, code: "x", detail: "x" }));
  expect(faults.sort(downTheForm).map((f) => f.pointer)).toEqual([
    "/name",
    "/settings/entities",
    "/settings/entities/9/type",
    "/settings/entities/10/value",
    "/settings/time_range/start",
    "/settings/time_range/end",
    "/somewhere",
  ]);
});

test("a pointer without a control of its own leads to the nearest around it", () => {
  document.body.innerHTML = `<div tabindex="-1" id="${fieldId("/settings/tool_matrix")}"></div>`;
  Element.prototype.scrollIntoView = () => {};
  focusField("/settings/tool_matrix/3/params/limit");
  expect(document.activeElement?.id).toBe(fieldId("/settings/tool_matrix"));
});

test("a field shows its own fault and, where asked, those within", () => {
  const faults = [{ pointer: "/settings/tool_matrix/3", code: "x", detail: "inner" }];
  expect(faultAt(faults, "/settings/tool_matrix")).toBeUndefined();
  expect(faultAt(faults, "/settings/tool_matrix", true)).toBe("inner");
});
