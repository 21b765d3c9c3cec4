import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, expect, test } from "vitest";
import { drafts, showPage, stubBrowser, stubServer } from "../../testing/page";
import { ListsPage } from "./ListsPage";
import { t } from "./texts";

beforeAll(stubBrowser);
afterEach(cleanup);

const list = {
  id: "l1",
  name: "Exit nodes",
  kind: "vpn",
  entity_type: "ip_address",
  source: "Our network desk",
  license: "CC0",
  source_date: "2026-01-31T00:00:00.000Z",
  imported_at: "2026-02-01T00:00:00.000Z",
  imported_by: "lea",
  filename: "exit.txt",
  sha256: "feed",
  values: 1200,
  ranges: 7,
  rejected: 3,
  stale: true,
};

/** Shows the page to somebody of a role; what was asked of the server, and the parts of forms that were sent. */
function show(role: string) {
  const forms: [string, FormDataEntryValue][][] = [];
  const asked = stubServer((path, init) => {
    if (init.body instanceof FormData) forms.push([...init.body.entries()]);
    if (path === "/auth/session") return { user: { id: "x", name: "x", role }, renewable: true };
    if (path.startsWith("/lists/hits"))
      return { items: path.includes("198") ? [{ list: "l1", value: "198.51.100.0/24", note: "seen" }] : [] };
    if (path === "/lists" && init.method === "POST") return list;
    return path === "/lists" ? { items: [list] } : {};
  });
  showPage(<ListsPage />, "/lists", "/lists");
  return { asked, forms };
}

test("a list tells where it comes from, how old it is and how much of it is missing; an analyst only reads", async () => {
  show("analyst");
  const row = (await screen.findByText("Exit nodes")).closest("tr");
  expect(row?.textContent).toContain("1,200");
  for (const told of [t.ranges("7"), t.rejected("3"), "Our network desk", t.license("CC0"), t.stale])
    expect(row?.textContent).toContain(told);
  expect(screen.queryByRole("button", { name: t.import })).toBeNull();
  expect(screen.queryByRole("button", { name: `${t.remove}: Exit nodes` })).toBeNull();
});

test("what is asked for is found by the network that holds it, and said to be on none where it is on none", async () => {
  const user = userEvent.setup();
  show("analyst");
  const field = await screen.findByLabelText(t.search);
  await user.type(field, "198.51.100.9");
  expect(await screen.findByText("198.51.100.0/24")).toBeTruthy();
  await user.clear(field);
  await user.type(field, "u1");
  expect(await screen.findByText(t.onNone("u1"))).toBeTruthy();
});

test("a lead brings a list, with what was said of it before, the file as the last part, and deletes one only after being asked", async () => {
  const user = userEvent.setup();
  const { asked, forms } = show("lead");
  await user.click(await screen.findByRole("button", { name: t.import }));
  await user.type(within(await screen.findByRole("dialog")).getByLabelText(/Who made it/), "us");
  expect(Object.values({ ...localStorage }).join()).toContain('"source":"us"');
  await user.click(screen.getByRole("button", { name: t.form.cancel }));
  await user.click(screen.getByRole("button", { name: t.import }));
  const dialog = await screen.findByRole("dialog");
  const input = dialog.ownerDocument.querySelector('input[type="file"]');
  if (!input) throw new Error("the dialog has no field for a file");
  fireEvent.change(input, { target: { files: [new File(["u1\n"], "bad.txt", { type: "text/plain" })] } });
  expect(within(dialog).getByLabelText<HTMLInputElement>(/Who made it/).value).toBe("us");
  await user.click(within(dialog).getByRole("button", { name: t.form.submit }));
  await expect.poll(() => forms.length).toBe(1);
  expect(forms[0]?.map(([name]) => name)).toEqual(["name", "kind", "entity_type", "source", "file"]);
  expect(forms[0]?.[0]?.[1]).toBe("bad.txt");
  await expect.poll(drafts).toEqual([]);

  await user.click(await screen.findByRole("button", { name: `${t.remove}: Exit nodes` }));
  expect(asked.some((line) => line.startsWith("DELETE"))).toBe(false);
  const ask = await screen.findByRole("dialog", { name: t.removeAsk("Exit nodes") });
  await user.click(within(ask).getByRole("button", { name: t.remove }));
  await expect.poll(() => asked.includes("DELETE /lists/l1")).toBe(true);
});
