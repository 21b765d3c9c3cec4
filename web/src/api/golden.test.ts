import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { reduce } from "../sync/reduce";
import { sampleState } from "../testing/sample";
import { getAgents } from "./agent";
import { getTrail } from "./audit";
import { getCheckpoints, makeCheckpoint } from "./checkpoint";
import { getConfig } from "./config";
import { getColumns, getDataset, getDatasets } from "./dataset";
import { getCheck, getComparison, getOverview, getRows } from "./evidence";
import { getHistory, rerun } from "./history";
import { getInvestigation, saveDraft, start } from "./investigation";
import { getLog } from "./log";
import { poll } from "./poll";
import { ApiError } from "./problem";
import { getMe, logIn } from "./session";
import { share } from "./sharing";
import { getUsers } from "./user";
import { annotate, judge } from "./verdict";

/** Answers of the server, written by its own tests. */
const folder = resolve("../httpd/testdata");
const golden = (name: string) => readFileSync(resolve(folder, `${name}.json`), "utf8");

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Lets every request be answered by a golden file. */
function answer(name: string, status = 200) {
  vi.stubGlobal("fetch", async () => new Response(golden(name), { status }));
}

const draft = {
  name: "",
  wizard_step: "settings" as const,
  settings: sampleState().settings,
};

test.each([
  ["audit", () => getTrail("i", 0)],
  ["checkpoint_made", () => makeCheckpoint("i", "here")],
  ["checkpoints", () => getCheckpoints("i")],
  ["agents", () => getAgents(undefined)],
  ["columns", () => getColumns("d")],
  ["config", () => getConfig()],
  ["dataset", () => getDataset("d")],
  ["datasets", () => getDatasets()],
  ["history", () => getHistory(new URLSearchParams())],
  ["history_empty", () => getHistory(new URLSearchParams())],
  ["login", () => logIn("ana", "secret")],
  ["logs", () => getLog("i", 0, 500)],
  ["session", () => getMe()],
  ["poll", () => poll("i", 0)],
  ["poll_nothing", () => poll("i", 44)],
  ["poll_reset", () => poll("i", 99)],
  ["rerun", () => rerun("i")],
  ["state_completed", () => getInvestigation("i")],
  ["state_conflict", () => saveDraft("i", draft, 1)],
  ["state_draft", () => getInvestigation("i")],
  ["state_completed", () => judge("i", "f1", "confirmed", "why")],
  ["state_completed", () => annotate("i", "f1", "text")],
  ["state_completed", () => share("i", { shared: true })],
  ["users", () => getUsers()],
  ["check", () => getCheck("GEO-01")],
  ["comparison", () => getComparison("i", "j")],
  ["overview", () => getOverview("i")],
  ["rows", () => getRows("i", [1])],
] as const)("%s is read", async (name, request) => {
  answer(name);
  expect(await request()).toBeTruthy();
});

test("every problem is read with its code", async () => {
  const names = readdirSync(folder)
    .map((file) => file.replace(/\.json$/, ""))
    .filter((name) => name.startsWith("problem_"));
  expect(names.length).toBeGreaterThan(4);
  for (const name of names) {
    answer(name, 409);
    const error = await start("i", "normal").catch((e: unknown) => e);
    expect(error, name).toBeInstanceOf(ApiError);
    if (error instanceof ApiError) {
      expect(error.code, name).not.toBe("");
      expect(error.message, name).not.toBe("");
    }
  }
});

test("the log folds to the very state that the server holds", async () => {
  answer("poll");
  const { news } = await poll("i", 0);
  answer("poll_reset");
  const held = (await poll("i", 99)).news?.state;
  if (!news || !held) throw new Error("the golden answers hold no log or no state");
  const blank = sampleState({
    investigation_id: held.investigation_id,
    version: 0,
    last_accessed: held.last_accessed,
    stale: held.stale,
  });
  const folded = news.events.reduce(reduce, blank);
  expect(folded).toEqual(held);
  expect(new Set(news.events.map((event) => event.type))).not.toContain("unknown");
});
