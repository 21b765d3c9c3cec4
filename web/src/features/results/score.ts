import type { EntityRef, Finding, Results } from "../../api/results";
import { formatScore } from "../../ui/Tone";
import { t } from "./texts";

/** Points of a score: "12.4". */
/** With a digit; what would be nothing then has two, as the server gives it. */
export const formatPoints = (points: number) => points.toFixed(points > 0 && points < 0.05 ? 2 : 1);

type Interval = { low: number; high: number };

/** What the score could be had everything been assessed, in words: whole numbers where they differ, else with a digit. */
export function intervalText(interval: Interval | null, notAssessed: number): string {
  if (notAssessed === 0) return t.score.exact;
  if (!interval) return t.score.unbounded;
  const low = formatScore(interval.low);
  const high = formatScore(interval.high);
  if (low !== high) return t.score.interval(low, high);
  if (interval.low.toFixed(1) === interval.high.toFixed(1)) return t.score.steady;
  return t.score.interval(interval.low.toFixed(1), interval.high.toFixed(1));
}

export const isSame = (a: EntityRef, b: EntityRef) => a.type === b.type && a.value === b.value;

/**
 * Whose score the case's is, in a case of several entities: that of the worst. `alike` are further ones that score as much. Null where
 * there is one entity, where none scores anything, or where what each scores is not known.
 */
export function scoredAs({ entities }: Pick<Results, "entities">) {
  const scored = entities.flatMap((entity) =>
    entity.risk_score === null ? [] : [{ entity, score: entity.risk_score }],
  );
  const most = Math.max(0, ...scored.map(({ score }) => score));
  if (entities.length < 2 || most === 0) return null;
  const [worst, ...alike] = scored.filter(({ score }) => score === most);
  return worst ? { worst: worst.entity, alike: alike.length, of: entities.length } : null;
}

type Weighted = EntityRef & { weight?: number | undefined };

/**
 * What a finding of an agent counts for an entity of the case, 0 to 1: an entity's own weight counts relative to the heaviest, then that
 * of the agent.
 */
export function countsOf(part: Finding["parts"][number], entities: readonly Weighted[], agent = 1) {
  const weightOf = (entity: Weighted | undefined) => Math.max(1, entity?.weight ?? 1);
  const heaviest = Math.max(1, ...entities.map(weightOf));
  return (
    (agent * part.strength * part.weight * weightOf(entities.find((one) => isSame(one, part)))) / heaviest
  );
}

/** Whether a finding counts for an entity. One that does not say for whom counts for each. */
export const countsFor = ({ parts }: Pick<Finding, "parts">, entity: EntityRef) =>
  parts.length === 0 || parts.some((part) => isSame(part, entity));
