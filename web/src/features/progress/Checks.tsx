import { Chip, Group, Text } from "@mantine/core";
import { Fragment, useState } from "react";
import type { ToolProgress } from "../../api/investigation";
import type { Status } from "../../api/status";
import { InTurn } from "../../ui/InTurn";
import { Section } from "../../ui/Section";
import { Tag, toneClass } from "../../ui/Tone";
import { formatDuration } from "../../ui/time";
import { useNow } from "../../ui/useNow";
import type { Titles } from "../../ui/useTitles";
import { barOf, countTools, type OutcomeFilter, spanOf } from "./chart";
import classes from "./progress.module.css";
import { StandingIcon, standing, standingTones } from "./standing";
import { t } from "./texts";

const outcomes = ["fired", "clear", "not_assessed", "failed"] as const;
const filters: readonly OutcomeFilter[] = ["all", ...outcomes];

const tones = { fired: "fired", clear: "clear", not_assessed: "none", failed: "failed" } as const;

/** Every check of the run by agent: what it came to, how long it took, and when it ran. */
export function Checks({ tools, run, titles }: { tools: ToolProgress[]; run: Status; titles: Titles }) {
  const [chosen, setChosen] = useState<OutcomeFilter>("all");
  const now = useNow(1000, run === "running");
  const counts = countTools(tools);
  const filter = counts[chosen] > 0 ? chosen : "all";
  const shown = filter === "all" ? tools : tools.filter((tool) => tool.outcome === filter);
  const offered = filters.filter((value) => value === "all" || counts[value] > 0);
  const span = spanOf(tools, now);
  const agents = [...new Set(shown.map((tool) => tool.agent))];

  return (
    <Section title={t.checks} hint={t.checksHint}>
      {tools.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.noChecks}
        </Text>
      ) : (
        <>
          <Chip.Group
            value={filter}
            onChange={(value: string) => setChosen(filters.find((f) => f === value) ?? "all")}
          >
            <Group gap={6} mb="xs" role="radiogroup" aria-label={t.showOutcome}>
              {offered.map((value) => (
                <Chip key={value} value={value} size="xs" variant="light">
                  {value === "all" ? t.all : t.outcome[value]} {counts[value]}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
          <section className={classes.scroll} tabIndex={0} aria-label={t.checksList}>
            <table className={classes.checks}>
              <thead>
                <tr>
                  <th scope="col">{t.column.check}</th>
                  <th scope="col">{t.column.outcome}</th>
                  <th scope="col" className={classes.num}>
                    {t.column.duration}
                  </th>
                  <th scope="col" className={classes.axisCell} style={{ width: "26%" }}>
                    {t.column.when}
                  </th>
                </tr>
              </thead>
              <tbody>
                <InTurn first={2} step={2}>
                  {agents.map((agent) => (
                    <Fragment key={agent}>
                      <tr className={classes.groupRow}>
                        <th scope="rowgroup" colSpan={4}>
                          {titles.agent(agent)}
                        </th>
                      </tr>
                      {shown
                        .filter((tool) => tool.agent === agent)
                        .map((tool) => (
                          <Row key={tool.tool} tool={tool} span={span} titles={titles} run={run} />
                        ))}
                    </Fragment>
                  ))}
                </InTurn>
              </tbody>
            </table>
          </section>
        </>
      )}
    </Section>
  );
}

type RowProps = {
  tool: ToolProgress;
  span: { from: number; to: number } | null;
  titles: Titles;
  run: Status;
};

function Row({ tool, span, titles, run }: RowProps) {
  const bar = span && barOf(tool, span.from, span.to);
  const work = standing(tool.status, run);
  const tone = tool.outcome ? tones[tool.outcome] : standingTones[work];
  return (
    <tr>
      <th scope="row">
        {titles.tool(tool.tool)}
        {(tool.error || tool.reason) && <span className={classes.why}>{tool.error || tool.reason}</span>}
      </th>
      <td>
        {tool.outcome ? (
          <Tag tone={tone}>{t.outcome[tool.outcome]}</Tag>
        ) : (
          <span className={`${toneClass} ${classes.work}`} data-tone={tone}>
            <StandingIcon standing={work} size={13} />
            {t.work[work]}
          </span>
        )}
      </td>
      <td className={`${classes.num} tabular`}>
        {tool.duration_ms === null ? "" : formatDuration(tool.duration_ms)}
      </td>
      <td className={classes.axisCell}>
        <div className={classes.axis} aria-hidden>
          {bar && (
            <div
              className={`${toneClass} ${classes.axisBar}`}
              data-tone={tone}
              style={{ left: `${bar.left}%`, width: `${bar.width}%` }}
            />
          )}
        </div>
      </td>
    </tr>
  );
}
