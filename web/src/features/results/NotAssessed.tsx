import { Button, Text, Title } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import type { ToolProgress } from "../../api/investigation";
import { sentence } from "../../api/problem";
import { Section } from "../../ui/Section";
import type { Titles } from "../../ui/useTitles";
import own from "./decision.module.css";
import { usePrinting } from "./reading";
import classes from "./results.module.css";
import { formatPoints } from "./score";
import { t } from "./texts";
import type { Blind } from "./untold";

type Props = { notAssessed: Blind; tools: readonly ToolProgress[]; titles: Titles };

/** From so many points on it is told what a check could add. */
const told = 0.05;

/** More reasons than `many` are folded to the first `few`, by what could add most: a file of five columns has thirty. */
const many = 12;
const few = 8;

/** The checks by why they could not look, those first that could add most. */
function byReason(notAssessed: Blind): { reason: string; checks: Blind }[] {
  const sorted = [...notAssessed].sort((a, b) => b.could_add - a.could_add || a.tool.localeCompare(b.tool));
  return [...new Set(sorted.map(({ reason }) => reason))].map((reason) => ({
    reason,
    checks: sorted.filter((one) => one.reason === reason),
  }));
}

/** What was not looked at, why, and what would settle it; and what broke. */
export function NotAssessed({ notAssessed, tools, titles }: Props) {
  const failed = tools.filter((tool) => tool.outcome === "failed");
  const broken = new Set(failed.map((tool) => tool.tool));
  const blind = byReason(notAssessed.filter(({ tool }) => !broken.has(tool)));
  const [all, setAll] = useState(false);
  const whole = usePrinting() || all || blind.length <= many;
  const shown = whole ? blind : blind.slice(0, few);
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
              <li key={`${agent} ${tool}`} data-wide>
                <span>
                  <span className={classes.findingTitle}>{titles.tool(tool)}</span>
                  <span className={classes.sub}>{titles.agent(agent)}</span>
                </span>
                <span className={classes.reason}>{sentence(error ?? "")}</span>
              </li>
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
          {shown.map(({ reason, checks }) => (
            <Reason key={reason} reason={reason} checks={checks} titles={titles} />
          ))}
        </ul>
      )}
      {!whole && (
        <Button variant="default" size="xs" mt="sm" onClick={() => setAll(true)}>
          {t.notAssessed.more(blind.length - few)}
        </Button>
      )}
    </Section>
  );
}

/** One reason, and what it kept from being looked at. */
function Reason({ reason, checks, titles }: { reason: string; checks: Blind; titles: Titles }) {
  const most = checks[0]?.could_add ?? 0;
  const least = checks.at(-1)?.could_add ?? 0;
  return (
    <li>
      <span>
        <span className={classes.findingTitle}>{sentence(reason)}</span>
        {checks[0]?.code === "no_list" && (
          <span className={classes.sub} data-noprint>
            <Link to="/lists" className={own.link}>
              {t.notAssessed.lists}
            </Link>
          </span>
        )}
        {checks.length > 1 && <span className={classes.sub}>{t.notAssessed.checks(checks.length)}</span>}
      </span>
      <ul className={classes.blindChecks}>
        {checks.map(({ tool, agent, could_add }) => (
          <li key={`${agent} ${tool}`}>
            {titles.tool(tool)}{" "}
            <span className={classes.dim}>
              {titles.agent(agent)}
              {checks.length > 1 && could_add >= told && `, ${t.notAssessed.adds(formatPoints(could_add))}`}
            </span>
          </li>
        ))}
      </ul>
      <span className={`${classes.adds} tabular`} title={t.notAssessed.couldAddHint}>
        {most >= told &&
          (formatPoints(least) === formatPoints(most)
            ? t.notAssessed.couldAdd(formatPoints(most))
            : t.notAssessed.between(formatPoints(least), formatPoints(most)))}
      </span>
    </li>
  );
}
