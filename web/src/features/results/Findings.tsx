import { Button, Chip, CloseButton, Group, Text } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import type { Investigation } from "../../api/investigation";
import type { Finding } from "../../api/results";
import { severities } from "../../api/severity";
import { t as words } from "../../app/texts";
import { useRights } from "../../sync/rights";
import { InTurn } from "../../ui/InTurn";
import { Section } from "../../ui/Section";
import { Select } from "../../ui/Select";
import type { Titles } from "../../ui/useTitles";
import { FindingCard } from "./FindingCard";
import {
  arrange,
  countSeverities,
  type FindingFilter,
  isNarrow,
  judged,
  noFilter,
  readFilter,
  writeFilter,
} from "./findingFilter";
import { Printing, usePrinting } from "./reading";
import classes from "./results.module.css";
import { t } from "./texts";

const portion = 40;

type Props = { investigation: Investigation; findings: readonly Finding[]; titles: Titles };

/** The findings, by severity, each with its evidence. Filters and the opened finding stand in the address. */
export function Findings({ investigation, findings, titles }: Props) {
  const { reviews, status } = investigation;
  const rights = useRights(investigation);
  const [search, setSearch] = useSearchParams();
  const filter = readFilter(search);
  const named = search.get("finding");
  const target = findings.some((finding) => finding.id === named) ? named : null;
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [limit, setLimit] = useState(portion);
  const printing = usePrinting();

  const arranged = useMemo(() => arrange(findings, filter, reviews), [findings, filter, reviews]);
  const at = target ? arranged.findIndex((finding) => finding.id === target) : -1;
  const shown = printing ? arranged : arranged.slice(0, Math.max(limit, at + 1));
  const agents = [...new Set(findings.map((finding) => finding.agent))];
  const said = findings.filter(({ id }) => reviews[id]?.verdict).length;
  const offered = countSeverities(findings).filter(({ n }) => n > 0);

  const byHand = useRef(false);
  const left = useRef<string | null>(null);
  useEffect(() => {
    const before = left.current;
    left.current = target;
    if (byHand.current) {
      byHand.current = false;
      return;
    }
    setOpened((opened) => {
      const next = new Set(opened);
      if (before) next.delete(before);
      if (target) next.add(target);
      return next;
    });
    if (target) document.getElementById(`finding-${target}`)?.scrollIntoView({ block: "start" });
  }, [target]);

  const narrow = (change: Partial<FindingFilter>) => {
    byHand.current = target !== null; // the address then names none
    setSearch(writeFilter(search, { ...filter, ...change }), { preventScrollReset: true });
  };

  function toggle(id: string) {
    const opening = !opened.has(id);
    setOpened((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
    if (opening === (id === target)) return; // the address says so already
    byHand.current = true;
    const next = new URLSearchParams(search);
    if (opening) next.set("finding", id);
    else next.delete("finding");
    setSearch(next, { preventScrollReset: true });
  }

  return (
    <Section
      title={t.sections.findings}
      hint={t.findings.hint}
      id="findings"
      aside={
        <Text size="sm" c="dimmed" className="tabular" role="status">
          {t.findings.shown(arranged.length, findings.length)}
          {said > 0 && ` · ${t.findings.reviewed(said, findings.length)}`}
        </Text>
      }
    >
      {findings.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.findings.none} {status === "completed" && t.findings.noneHint}
        </Text>
      ) : (
        <>
          <Group gap="sm" mb="md" data-noprint>
            <Chip.Group
              multiple
              value={[...filter.severities]}
              onChange={(values: string[]) =>
                narrow({ severities: severities.filter((severity) => values.includes(severity)) })
              }
            >
              <Group gap={6} role="group" aria-label={t.findings.severity}>
                {offered.map(({ severity, n }) => (
                  <Chip key={severity} value={severity} size="xs" variant="light">
                    {words.risk[severity]} {n}
                  </Chip>
                ))}
              </Group>
            </Chip.Group>
            <Select
              size="xs"
              w={190}
              aria-label={t.findings.agent}
              value={filter.agent}
              onChange={(agent) => narrow({ agent: agent ?? "" })}
              data={[
                { value: "", label: t.findings.allAgents },
                ...agents.map((agent) => ({ value: agent, label: titles.agent(agent) })),
              ]}
            />
            {(said > 0 || filter.verdict !== "") && (
              <Select
                size="xs"
                w={170}
                aria-label={t.findings.verdict}
                value={filter.verdict}
                onChange={(value) => narrow({ verdict: judged.find((verdict) => verdict === value) ?? "" })}
                data={[
                  { value: "", label: t.findings.anyVerdict },
                  ...judged.map((verdict) => ({ value: verdict, label: t.findings.judged[verdict] })),
                ]}
              />
            )}
            {filter.check && (
              <span className={classes.only}>
                {t.findings.check(titles.tool(filter.check))}
                <CloseButton
                  size="xs"
                  aria-label={t.findings.clearCheck}
                  onClick={() => narrow({ check: "" })}
                />
              </span>
            )}
            {isNarrow(filter) && (
              <Button size="compact-xs" variant="subtle" onClick={() => narrow(noFilter)}>
                {t.findings.reset}
              </Button>
            )}
            <Button
              size="compact-xs"
              variant="subtle"
              ml="auto"
              onClick={() =>
                setOpened(opened.size > 0 ? new Set() : new Set(shown.map((finding) => finding.id)))
              }
            >
              {opened.size > 0 ? t.findings.collapse : t.findings.expand}
            </Button>
          </Group>
          {printing && shown.some(({ id, severity }) => severity === "low" && !opened.has(id)) && (
            <Text size="xs" c="dimmed" mb="xs">
              {t.findings.lowOnPaper}
            </Text>
          )}
          {arranged.length === 0 && (
            <Text size="sm" c="dimmed">
              {t.findings.filtered}
            </Text>
          )}
          <Printing value={printing}>
            <ul className={classes.findings}>
              <InTurn first={4} step={4}>
                {shown.map((finding) => (
                  <FindingCard
                    key={finding.id}
                    finding={finding}
                    investigation={investigation}
                    mayReview={rights.reviews}
                    open={opened.has(finding.id) || (printing && finding.severity !== "low")}
                    onToggle={() => toggle(finding.id)}
                    titles={titles}
                  />
                ))}
              </InTurn>
            </ul>
          </Printing>
          {shown.length < arranged.length && (
            <Button variant="default" size="xs" mt="sm" onClick={() => setLimit(limit + 5 * portion)}>
              {t.findings.more(arranged.length - shown.length)}
            </Button>
          )}
        </>
      )}
    </Section>
  );
}
