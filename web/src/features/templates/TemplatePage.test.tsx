import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { showPage, stubBrowser, stubServer } from "../../testing/page";
import { sampleState } from "../../testing/sample";
import { NewTemplatePage } from "./TemplateForm";
import { TemplatePage } from "./TemplatePage";
import { t } from "./texts";

vi.mock("../../sync/follow", () => ({ follow: () => () => {} }));

beforeAll(stubBrowser);
afterEach(cleanup);

const at = "2026-11-22T09:00:00.000Z";
const { settings } = sampleState();
const template = {
  template_id: "t1",
  user_id: "bea",
  scope: "org",
  name: "Mules",
  description: "",
  tags: [],
  settings: { ...settings, dataset: "of-bea", risk_threshold: 77 },
  placeholders: [],
  built_in: false,
  version: 1,
  entity_count: 0,
  usage_count: 0,
  last_used_at: null,
  created_at: at,
  updated_at: at,
};

type Sent = { what: string; ifMatch: string | null; body: Record<string, unknown> };

/** A server where the draft was changed after the page had read it. */
function serve(own: string[]) {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    const path = String(url).replace("/api/v1", "");
    const method = init.method ?? "GET";
    const answer = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
    if (path === "/datasets") {
      const facts = { rows: 1, rejected_rows: 0, bytes: 9, created_at: at, sha256: "x", in_use: false };
      return answer({ items: own.map((id) => ({ id, name: `Data ${id}`, ...facts })) });
    }
    if (method !== "GET") {
      const ifMatch = new Headers(init.headers).get("If-Match");
      sent.push({ what: `${method} ${path}`, ifMatch, body: JSON.parse(String(init.body)) });
    }
    if (path === "/wizard/templates/t1") return answer(template);
    if (path === "/wizard/templates/t1/apply") return answer({ settings: template.settings });
    if (path === "/wizard/inv-1/state") {
      const now = sampleState({ version: 10, name: "Named elsewhere" });
      const last = sent.at(-1);
      if (method === "GET" || last?.ifMatch === '"10"') return answer({ ...now, version: 11 });
      return answer({ code: "stale_version", status: 412, detail: "changed", current: now }, 412);
    }
    return answer({ code: "not_found" }, 404);
  });
  return sent;
}

const uses = (sent: Sent[]) =>
  sent.filter(({ what, body }) => what.endsWith("/apply") && !body.preview).length;

test("a template is loaded into a draft that was changed elsewhere at the second press, and counts as used once", async () => {
  const user = userEvent.setup();
  const sent = serve(["mine"]);
  showPage(
    <TemplatePage />,
    "/templates/:id",
    "/templates/t1?for=inv-1",
    sampleState({ version: 9, settings: { ...settings, dataset: "mine" } }),
  );
  await user.click(await screen.findByRole("button", { name: t.load }));
  expect(await screen.findByText(t.overtaken)).toBeTruthy();
  expect(screen.getByRole("link", { name: "Named elsewhere" })).toBeTruthy();
  expect(uses(sent)).toBe(0);
  await user.click(screen.getByRole("button", { name: t.load }));
  await expect.poll(() => uses(sent)).toBe(1);
  expect(sent.filter(({ what }) => what.startsWith("PUT")).map((put) => put.ifMatch)).toEqual([
    '"9"',
    '"10"',
  ]);
});

test("a data set of somebody else is told as such, and one's own is taken in its place", async () => {
  const user = userEvent.setup();
  const sent = serve(["mine"]);
  showPage(<TemplatePage />, "/templates/:id", "/templates/t1");
  await user.click(await screen.findByRole("combobox", { name: t.field.dataset }));
  expect(screen.queryByText("of-bea")).toBeNull();
  await user.click(await screen.findByText("Data mine"));
  await user.click(screen.getByRole("button", { name: t.start }));
  await expect
    .poll(() => sent.at(0)?.body)
    .toEqual({ values: {}, overrides: { dataset: "mine" }, preview: true });
});

test.each([
  { role: "auditor", id: "aud", tries: false, restores: false },
  { role: "analyst", id: "ann", tries: true, restores: false },
  { role: "lead", id: "lea", tries: true, restores: true },
])("to a $role a shared template offers what that role may do", async ({ role, id, tries, restores }) => {
  const second = { ...template, version: 2, name: "Money mules" };
  stubServer((path) => {
    if (path === "/auth/session") return { user: { id, name: id, role }, renewable: true };
    if (path === "/wizard/templates/t1") return second;
    if (path === "/wizard/templates/t1/versions")
      return { items: [second, template].map((of) => ({ ...of, at, by: "bea" })) };
    return path === "/datasets" ? { items: [] } : undefined;
  });
  showPage(<TemplatePage />, "/templates/:id", "/templates/t1");
  await screen.findByText(restores ? t.versionsHint : t.versionsKept);
  expect(screen.queryAllByRole("button", { name: t.restore }).length > 0).toBe(restores);
  expect(screen.queryAllByRole("button", { name: t.backTest.start }).length > 0).toBe(tries);
});

test("a new template asks for a data set that is somebody else's, and for the value of what is not asked for", async () => {
  const user = userEvent.setup();
  serve(["mine"]);
  const entities = [{ type: "user_id", value: "", primary: true, weight: 1 }];
  showPage(
    <NewTemplatePage />,
    "/templates/new",
    "/templates/new?from=inv-1",
    sampleState({ settings: { ...settings, dataset: "of-bea", entities } }),
  );
  expect((await screen.findByRole<HTMLInputElement>("checkbox", { name: t.askDataset })).checked).toBe(true);
  const value = screen.getByRole<HTMLInputElement>("textbox", { name: /: its value/ });
  expect(value.required).toBe(true);
  await user.click(screen.getByRole("checkbox", { name: /user to investigate/ }));
  expect(screen.queryByRole("textbox", { name: /: its value/ })).toBeNull();
  await user.click(screen.getByRole("checkbox", { name: t.askDataset }));
  expect(screen.queryByText(t.ownData)).toBeNull();
  await user.click(screen.getByRole("radio", { name: t.scopes.org }));
  await user.click(screen.getByRole("button", { name: t.ownDataAsk }));
  expect(screen.getByRole<HTMLInputElement>("checkbox", { name: t.askDataset }).checked).toBe(true);
});
