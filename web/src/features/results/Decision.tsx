import { Text, Title } from "@mantine/core";
import type { ListHit, Results } from "../../api/results";
import { formatCount } from "../../ui/number";
import { Section } from "../../ui/Section";
import { formatScore, Tag, type ToneName } from "../../ui/Tone";
import { formatDay } from "../../ui/time";
import { typeName } from "../../ui/useTitles";
import { isStale } from "./age";
import own from "./decision.module.css";
import { rowRanges } from "./evidence";
import { t } from "./texts";

const rulingTones = { allow: "clear", block: "critical", review: "high", pass: "none" } as const;
const kindTones: Record<ListHit["kind"], ToneName> = { good: "clear", bad: "critical", note: "medium" };

/** What is to be done, and what decided it: lists first, then the score. */
export function Ruling({ results, threshold }: { results: Results; threshold: number }) {
  const { decision, risk_score: score } = results;
  if (!decision) return null;
  const { ruling, by, reason } = decision;
  return (
    <div className={own.ruling} data-tone={rulingTones[ruling]}>
      <Title order={3} className={own.rulingWord}>
        <Tag tone={rulingTones[ruling]}>{t.decision.ruling[ruling]}</Tag>
      </Title>
      <Text size="sm">
        {by === "list"
          ? t.decision.byList(reason)
          : by === "check"
            ? t.decision.byCheck(reason)
            : by === "finding" || results.entities.length > 1
              ? t.decision.bySentence(reason)
              : score !== null &&
                t.decision.byScore(formatScore(score), formatScore(threshold), score >= threshold)}{" "}
        {by === "list" && (
          <a href="#lists" className={own.link}>
            {t.decision.seeLists}
          </a>
        )}
      </Text>
    </div>
  );
}

/** What of the rows in scope stands on lists, and what each list rests on. */
export function Lists({
  lists: hits,
  list_sources: sources,
  began,
}: Pick<Results, "lists" | "list_sources"> & { began: string | null }) {
  if (hits.length === 0) return null;
  return (
    <Section title={t.sections.lists} hint={t.lists.hint} id="lists">
      <ul className={own.hits}>
        {hits.map((hit) => {
          const list = sources.find(({ name }) => name === hit.list);
          return (
            <li key={`${hit.list} ${hit.entity_type} ${hit.value}`}>
              <span>
                <Tag tone={kindTones[hit.kind]}>{t.lists.kind[hit.kind]}</Tag>
              </span>
              <div>
                <Text size="sm">
                  {typeName(hit.entity_type)} <b>{hit.value}</b>{" "}
                  {hit.note && <span className={own.note}>{t.lists.note(hit.note)}</span>}
                </Text>
                <Text size="xs" c="dimmed">
                  {hit.direct ? t.lists.direct : t.lists.onRows} ·{" "}
                  {t.lists.rows(formatCount(hit.count), rowRanges(hit.rows), hit.count > hit.rows.length)}
                </Text>
              </div>
              <div>
                <Text size="sm">{hit.list}</Text>
                <Text size="xs" c="dimmed">
                  {list && t.lists.from(list.source, formatDay(list.source_date), list.license)}
                </Text>
                {list && isStale(list.source_date, began) && <Tag tone="medium">{t.lists.stale}</Tag>}
              </div>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
