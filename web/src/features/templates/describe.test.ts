import { expect, test } from "vitest";
import type { Settings } from "../../api/investigation";
import type { TemplateSave } from "../../api/template";
import { moved, over } from "./describe";

const settings = (...entities: Settings["entities"]): Settings => ({
  entities,
  time_range: { preset: "all" },
  tool_matrix: [],
  correlation_mode: "OR",
  execution_mode: "parallel",
  risk_threshold: 60,
  scoring: { form: "noisy_or", agent_weights: {} },
});
const [ann, card, mail]: Settings["entities"] = [
  { type: "user_id", value: "" },
  { type: "card_number", value: "434505******9116" },
  { type: "email", value: "" },
];
const question = (n: number) => ({ name: `entity_${n + 1}`, label: "Who?", pointer: `/entities/${n}/value` });

test("a question stays with its entity when others go, come or change, and goes with it", () => {
  if (!ann || !card || !mail) throw new Error("no entities");
  const asked = [question(0), question(2), { name: "dataset", label: "Where?", pointer: "/dataset" }];
  const pointers = (after: Settings["entities"]) =>
    moved(asked, [ann, card, mail], after).map(({ pointer }) => pointer);
  expect(pointers([ann, mail])).toEqual(["/entities/0/value", "/entities/1/value", "/dataset"]);
  expect(pointers([card, mail])).toEqual(["/entities/1/value", "/dataset"]);
  expect(pointers([{ ...ann, label: "Ann" }, card, mail])).toEqual(asked.map(({ pointer }) => pointer));
  expect(pointers([ann, card, mail, { type: "user_id", value: "bob" }])).toEqual(
    asked.map(({ pointer }) => pointer),
  );
  // the first goes, and the next becomes the primary one
  expect(moved([question(1)], [{ ...ann, primary: true }, card], [{ ...card, primary: true }])).toEqual([
    { ...question(1), pointer: "/entities/0/value" },
  ]);
});

test("what is replaced keeps what was not entered anew, as far as it fits", () => {
  if (!ann || !card || !mail) throw new Error("no entities");
  const old: TemplateSave = {
    name: "Mules",
    description: "What passes through",
    tags: ["money"],
    scope: "org",
    settings: settings(ann, card, mail),
    placeholders: [question(0), question(1), question(2)],
  };
  const begun: TemplateSave = {
    name: "Case 7",
    description: "",
    tags: [],
    scope: "private",
    settings: settings({ type: "user_id", value: "u_7" }, { type: "email", value: "a@example.com" }),
    placeholders: [],
  };
  const entered = { ...begun, name: "mules", tags: ["cash"] };
  expect(over(old, entered, begun)).toEqual({
    name: "mules",
    description: "What passes through",
    tags: ["cash"],
    scope: "org",
    settings: settings(ann, { type: "email", value: "a@example.com" }),
    placeholders: [question(0)],
  });
});
