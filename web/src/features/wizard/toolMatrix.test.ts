import { expect, test } from "vitest";
import type { Agent } from "../../api/agent";
import type { Settings } from "../../api/investigation";
import { change, chosen, withAbsent } from "./toolMatrix";

const tool = (name: string) => ({
  tool: name,
  title: name,
  description: "",
  needs: [],
  params: [],
  assessable: true,
  reason: null,
});
const agents: Agent[] = [
  { agent: "device", title: "", description: "", external: false, tools: [tool("a"), tool("b")] },
  { agent: "network", title: "", description: "", external: false, tools: [tool("c")] },
];
const [device, network] = agents as [Agent, Agent];
const outside: Agent = { ...device, agent: "outside", external: true, tools: [tool("d")] };

test("an empty matrix is every tool with its defaults", () => {
  expect(chosen([], device, "a")).toEqual({ enabled: true, params: {} });
});

test("switching one tool off names all, and on again names none", () => {
  const off = change(
    [],
    agents,
    (_, t) => t === "b",
    (c) => ({ ...c, enabled: false }),
  );
  expect(off).toEqual([
    { agent: "device", tool: "a", enabled: true },
    { agent: "device", tool: "b", enabled: false },
    { agent: "network", tool: "c", enabled: true },
  ]);
  expect(
    change(
      off,
      agents,
      (_, t) => t === "b",
      (c) => ({ ...c, enabled: true }),
    ),
  ).toEqual([]);
});

test("parameters are kept while a tool is off, and only where they differ from the default", () => {
  const set = change(
    [],
    agents,
    (_, t) => t === "c",
    (c) => ({ ...c, params: { limit: 3 } }),
  );
  const off = change(
    set,
    agents,
    (a) => a === "network",
    (c) => ({ ...c, enabled: false }),
  );
  expect(chosen(off, network, "c")).toEqual({ enabled: false, params: { limit: 3 } });
  expect(off.find((c) => c.tool === "a")).not.toHaveProperty("params");
});

test("a tool that a matrix does not name is off", () => {
  expect(chosen([{ agent: "device", tool: "a", enabled: true }], network, "c").enabled).toBe(false);
});

test("a program outside is asked only where it is named: all on names it, and off again nothing", () => {
  const all = [...agents, outside];
  expect(chosen([], outside, "d").enabled).toBe(false);
  const on = change(
    [],
    all,
    () => true,
    (c) => ({ ...c, enabled: true }),
  );
  expect(on).toContainEqual({ agent: "outside", tool: "d", enabled: true });
  expect(on).toHaveLength(4);
  expect(
    change(
      on,
      all,
      (a) => a === "outside",
      (c) => ({ ...c, enabled: false }),
    ),
  ).toEqual([]);
});

test("what was chosen of an agent that is not connected stays, until it is switched off", () => {
  const kept = { agent: "outside", tool: "d", enabled: true, params: { limit: 3 } };
  const named = [
    ...agents.flatMap((a) => a.tools.map(({ tool }) => ({ agent: a.agent, tool, enabled: true }))),
    kept,
  ];
  const settings: Settings = {
    entities: [],
    time_range: { preset: "all" },
    tool_matrix: named,
    correlation_mode: "OR",
    execution_mode: "parallel",
    risk_threshold: 60,
    scoring: { form: "noisy_or", agent_weights: { elsewhere: 0.5 } },
  };
  const shown = withAbsent(agents, settings);
  expect(shown.filter((a) => a.absent).map((a) => a.agent)).toEqual(["elsewhere", "outside"]);
  const without = (which: string) =>
    change(
      named,
      shown,
      (_, t) => t === which,
      (c) => ({ ...c, enabled: false }),
    );
  expect(without("a")).toContainEqual(kept);
  expect(without("d")).toContainEqual({ ...kept, enabled: false });
  expect(
    withAbsent(agents, { ...settings, tool_matrix: [], scoring: { form: "noisy_or", agent_weights: {} } }),
  ).toEqual(agents);
});
