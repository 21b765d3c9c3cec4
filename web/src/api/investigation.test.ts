import { afterEach, expect, test, vi } from "vitest";
import { sampleState } from "../testing/sample";
import { saveDraft } from "./investigation";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a save from a state that was only held in memory names it by the tag that it came with", async () => {
  const sent: (string | null)[] = [];
  const answers = [
    { status: 202, version: 18, tag: '"18.16.1764140581207"' },
    { status: 200, version: 19, tag: '"19"' },
    { status: 200, version: 20, tag: '"20"' },
  ];
  vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
    sent.push(new Headers(init.headers).get("If-Match"));
    const { status, version, tag } = answers[sent.length - 1] ?? { status: 500, version: 0, tag: "" };
    return new Response(JSON.stringify(sampleState({ investigation_id: "i", version })), {
      status,
      headers: { ETag: tag },
    });
  });
  const { name, wizard_step, settings } = sampleState();
  const durable = [];
  for (const seen of [17, 18, 19]) {
    const answer = await saveDraft("i", { name, wizard_step, settings }, seen);
    durable.push(answer.saved.durable);
  }
  expect(sent).toEqual(['"17"', '"18.16.1764140581207"', '"19"']);
  expect(durable).toEqual([16, 19, 20]);
});
