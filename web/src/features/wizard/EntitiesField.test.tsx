import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { Entity } from "../../api/entity";
import { stubBrowser } from "../../testing/page";
import { EntitiesField } from "./EntitiesField";

beforeAll(stubBrowser);
afterEach(cleanup);

type FormProps = { initial: Entity[]; max: number; onChange: (entities: Entity[]) => void };

function Form({ initial, max, onChange }: FormProps) {
  const [value, setValue] = useState(initial);
  const [text, setText] = useState("");
  return (
    <EntitiesField
      value={value}
      onChange={(next) => {
        setValue(next);
        onChange(next);
      }}
      text={text}
      onText={setText}
      faults={[]}
      max={max}
      disabled={false}
    />
  );
}

function show(initial: Entity[] = [], max = 10) {
  let now = initial;
  render(
    <MantineProvider>
      <Form
        initial={initial}
        max={max}
        onChange={(next) => {
          now = next;
        }}
      />
    </MantineProvider>,
  );
  return { user: userEvent.setup(), entities: () => now };
}

const pairs = (entities: Entity[]) => entities.map((e) => `${e.type} ${e.value}`);

test("what is typed is recognised and added by Enter; the first is the primary one", async () => {
  const { user, entities } = show();
  await user.type(screen.getByLabelText("Add entities"), "ana@example.com{Enter}192.0.2.7{Enter}");
  expect(pairs(entities())).toEqual(["email ana@example.com", "ip_address 192.0.2.7"]);
  expect(entities().map((e) => e.primary ?? false)).toEqual([true, false]);
});

test("a pasted column adds many at once, none twice, no more than fit, and says so", async () => {
  const { user, entities } = show([{ type: "user_id", value: "1" }], 3);
  await user.click(screen.getByLabelText("Add entities"));
  await user.paste("1\n2\n3\n4\n5\n4\n2");
  expect(pairs(entities())).toEqual(["user_id 1", "user_id 2", "user_id 3"]);
  const notice = screen.getByRole("status").textContent;
  expect(notice).toContain("1 entity is already in the list");
  expect(notice).toContain("2 repeated values were left out");
  expect(notice).toMatch(/2 entities were left out.*: 4, 5\./);
});

test("a value pasted over another brings its type", async () => {
  const { user, entities } = show([{ type: "user_id", value: "1" }]);
  const value = screen.getByLabelText<HTMLInputElement>("Entity 1: Value");
  await user.tripleClick(value);
  value.setSelectionRange(0, value.value.length);
  await user.paste("ana@example.com");
  expect(pairs(entities())).toEqual(["email ana@example.com"]);
});

test("when the primary entity is removed the first of the others is", async () => {
  const { user, entities } = show([
    { type: "user_id", value: "1" },
    { type: "user_id", value: "2", primary: true },
    { type: "user_id", value: "3" },
  ]);
  await user.click(screen.getByRole("button", { name: "Remove 2" }));
  expect(entities()).toEqual([
    { type: "user_id", value: "1", primary: true },
    { type: "user_id", value: "3" },
  ]);
});

test("a value that cannot be of its type says why, but not while it is typed", async () => {
  const { user } = show([{ type: "ip_address", value: "1.2.3" }]);
  expect(screen.getByText(/not an IPv4/)).toBeTruthy();
  await user.type(screen.getByLabelText("Entity 1: Value"), ".");
  expect(screen.queryByText(/not an IPv4/)).toBeNull();
  await user.tab();
  expect(screen.getByText(/not an IPv4/)).toBeTruthy();
});
