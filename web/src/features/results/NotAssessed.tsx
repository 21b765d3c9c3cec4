import { Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { ToolProgress } from "../../api/investigation";
import { sentence } from "../../api/problem";
import type { Results } from "../../api/results";
import { Section } from "../../ui/Section";
import type { Titles } from "../../ui/useTitles";
import classes from "./results.module.css";
import { formatPoints } from "./score";
import { t } from "./texts";

type Blind = Results["not_assessed"];
type Props = { notAssessed: Blind; tools: readonly ToolProgress[]; titles: Titles };

/** So many checks that had no time are told one by one. */
const few = 3;

/** What was not looked at, why, and what would settle it; and what broke. */
export function NotAssessed({ notAssessed, tools, titles }: Props) {
  const failed = tools.filter((tool) => tool.outcome === "failed");
  const broken = new Set(failed.map((tool) => tool.tool));
  const blind = notAssessed
    .filter(({ tool }) => !broken.has(tool))
    .sort((a, b) => b.could_add - a.could_add || a.tool.localeCompare(b.tool));
  const late = blind.filter(({ code }) => code === "out_of_time" || code === "not_reached");
  const grouped = late.length > few;
  const each = grouped ? blind.filter((one) => !late.includes(one)) : blind;
  return (
    <Section title={t.sections.notAssessed} hint={t.notAssessed.hint} id="not-assessed">
      {failed.length > 0 && (
        <>
          <Title order={3} mb={2}>
            {t.notAssessed.failed(failed.length)}
          </Title>
          <Text size="sm" c="dimmed" mb="xs">
            {t.notAssessed.failedHint}
          </Text>
          <ul className={classes.blind}>
            {failed.map(({ tool, agent, error }) => (
              <Check key={`${agent} ${tool}`} title={titles.tool(tool)} agent={titles.agent(agent)}>
                {sentence(error ?? "")}
              </Check>
            ))}
          </ul>
        </>
      )}
      {blind.length === 0 ? (
        failed.length === 0 && (
          <Text size="sm" c="dimmed">
            {t.notAssessed.none}
          </Text>
        )
      ) : (
        <ul className={classes.blind} data-after={failed.length > 0 || undefined}>
          {grouped && <Late late={late} titles={titles} />}
          {each.map(({ tool, agent, reason, could_add }) => (
            <Check
              key={`${agent} ${tool}`}
              title={titles.tool(tool)}
              agent={titles.agent(agent)}
              adds={could_add}
            >
              {sentence(reason)}
            </Check>
          ))}
        </ul>
      )}
    </Section>
  );
}

type CheckProps = { title: string; agent: string; adds?: number; children: ReactNode };

function Check({ title, agent, adds = 0, children }: CheckProps) {
  return (
    <li>
      <span>
        <span className={classes.findingTitle}>{title}</span>
        <span className={classes.sub}>{agent}</span>
      </span>
      <span className={classes.reason}>{children}</span>
      <span className={`${classes.adds} tabular`} title={t.notAssessed.couldAddHint}>
        {adds >= 0.05 && t.notAssessed.couldAdd(formatPoints(adds))}
      </span>
    </li>
  );
}

/** The checks that the run had no time for, told at once by agent: their reason is the same. */
function Late({ late, titles }: { late: Blind; titles: Titles }) {
  const agents = [...new Set(late.map(({ agent }) => agent))];
  return (
    <li data-wide>
      <span className={classes.findingTitle}>{t.notAssessed.late(late.length)}</span>
      <span className={classes.reason}>
        {sentence(late[0]?.reason ?? "")}
        {agents.map((agent) => (
          <span key={agent} className={classes.sub}>
            <b>{titles.agent(agent)}</b>{" "}
            {late
              .filter((one) => one.agent === agent)
              .map(({ tool }) => titles.tool(tool))
              .join(" · ")}
          </span>
        ))}
      </span>
    </li>
  );
}
