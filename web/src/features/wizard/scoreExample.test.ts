import { expect, it } from "vitest";
import { exampleScore } from "./scoreExample";

// the server's own figures: TestScoreWorkedExample, TestFormsByExample
it("the example of each form comes to what the server scores", () => {
  for (const [form, agent_weights, score] of [
    ["noisy_or", {}, 77.5],
    ["noisy_or", { identity: 0.5 }, 51.25],
    ["noisy_or", { identity: 0 }, 25],
    ["weighted_sum", {}, 95],
    ["weighted_sum", { identity: 0.5, device: 0 }, 60],
    ["any_critical", {}, 89.09],
    ["any_critical", { identity: 0 }, 60],
    ["any_critical", { identity: 0, network: 0 }, 0],
  ] as const) {
    expect(exampleScore({ form, agent_weights: { ...agent_weights } })).toBeCloseTo(score, 2);
  }
});
