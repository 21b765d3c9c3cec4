import type { Scoring } from "../../api/investigation";

/** What two findings count that have nothing to do with one another: the example that the forms of the score are told by. */
export const found = { identity: 0.7, network: 0.25 } as const;

/** Where the bands of the score begin, by what a single finding counts. */
const steps = [
  { from: 0, to: 0.1, low: 0, high: 40 },
  { from: 0.1, to: 0.25, low: 40, high: 60 },
  { from: 0.25, to: 0.45, low: 60, high: 80 },
  { from: 0.45, to: 1, low: 80, high: 100 },
];

/** The score of the example, 0..100, with what its agents count. Told in words by the server's docs; the server scores. */
export function exampleScore({ form, agent_weights }: Scoring): number {
  const counts = Object.entries(found).map(([agent, p]) => p * (agent_weights[agent] ?? 1));
  switch (form) {
    case "noisy_or":
      return 100 * (1 - counts.reduce((rest, p) => rest * (1 - p), 1));
    case "weighted_sum":
      return Math.min(
        100,
        counts.reduce((sum, p) => sum + 100 * p, 0),
      );
    case "any_critical": {
      const gravest = Math.max(...counts);
      const step = steps.findLast(({ from }) => gravest >= from) ?? { from: 0, to: 1, low: 0, high: 0 };
      return step.low + ((step.high - step.low) * (gravest - step.from)) / (step.to - step.from);
    }
  }
}
