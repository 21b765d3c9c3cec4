import { Text, Title } from "@mantine/core";
import type { ToolProgress } from "../../api/investigation";
import { sentence } from "../../api/problem";
import type { Results } from "../../api/results";
import { Section } from "../../ui/Section";
import type { Titles } from "../../ui/useTitles";
import classes from "./results.module.css";
import { formatPoints } from "./score";
import { t } from "./texts";

type Props = { notAssessed: Results["not_assessed"]; tools: readonly ToolProgress[]; titles: Titles };

/** So many checks that had no time are told one by one. */
const few = 3;

/** What was not looked at, why, and what would settle it; and what broke. */
export function NotAssessed({ notAssessed, tools, titles }: Props) {
  const failed = tools.filter((tool) => tool.outcome === "failed");
  const broken = new Set(failed.map((tool) => tool.tool));
  const blind = notAssessed.filter(({ tool }) => !broken.has(tool));
  const late = blind.filter(({ code }) => code === "out_of_time");
  const each = late.length > few ? blind.filter(({ code }) => code !== "out_of_time") : blind;
  const means = new Map(notAssessed.map((one) => [one.tool, one.means]));
  return (
    <Section title={t.sections.notAssessed} hint={t.notAssessed.hint} id="not-assessed">
      {blind.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.notAssessed.none}
        </Text>
      ) : (
        <ul className={classes.blind}>
          {late.length > few && <Late late={late} titles={titles} />}
          {each.map(({ tool, agent, code, reason, means, could_add, columns }) => (
            <li key={`${agent} ${tool}`}>
              <span>
                <span className={classes.findingTitle}>{titles.tool(tool)}</span>
                <span className={classes.sub}>{titles.agent(agent)}</span>
              </span>
              <span className={classes.reason}>
                {code === "column_missing" && columns.length > 0
                  ? t.notAssessed.missing(columns.map(titles.column))
                  : sentence(reason)}
                {means && <span className={classes.sub}>{means}</span>}
                {could_add >= 0.05 && (
                  <span className={classes.sub}>{t.notAssessed.couldAdd(formatPoints(could_add))}</span>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
      {failed.length > 0 && (
        <>
          <Title order={3} mt="lg" mb={2}>
            {t.notAssessed.failed}
          </Title>
          <Text size="sm" c="dimmed" mb="xs">
            {t.notAssessed.failedHint}
          </Text>
          <ul className={classes.blind}>
            {failed.map(({ tool, agent, error }) => (
              <li key={`${agent} ${tool}`}>
                <span>
                  <span className={classes.findingTitle}>{titles.tool(tool)}</span>
                  <span className={classes.sub}>{titles.agent(agent)}</span>
                </span>
                <span className={classes.reason}>
                  {error}
                  {means.get(tool) && <span className={classes.sub}>{means.get(tool)}</span>}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

/** The checks that the run had no time for, told at once by agent: their reason is the same. */
function Late({ late, titles }: { late: Results["not_assessed"]; titles: Titles }) {
  const agents = [...new Set(late.map(({ agent }) => agent))];
  return (
    <li>
      <span className={classes.findingTitle}>{t.notAssessed.late(late.length)}</span>
      <span className={classes.reason}>
        {sentence(late[0]?.reason ?? "")}
        <span className={classes.sub}>{t.notAssessed.lateMeans}</span>
        {agents.map((agent) => (
          <span key={agent} className={classes.sub}>
            {titles.agent(agent)}:{" "}
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
