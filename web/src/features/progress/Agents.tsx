import { Text, Title } from "@mantine/core";
import type { AgentProgress } from "../../api/investigation";
import type { Status } from "../../api/status";
import { RiskTag, toneClass } from "../../ui/Tone";
import type { Titles } from "../../ui/useTitles";
import { Track } from "./Overview";
import classes from "./progress.module.css";
import { StandingIcon, standing, standingTones } from "./standing";
import { t } from "./texts";

/** One card for each agent: where it stands, what it found, the risk that it sees so far. */
export function Agents({ agents, run, titles }: { agents: AgentProgress[]; run: Status; titles: Titles }) {
  return (
    <section aria-label={t.agents}>
      <ul className={classes.agents}>
        {agents.map((agent) => {
          const work = standing(agent.status, run);
          return (
            <li
              key={agent.agent}
              className={`${toneClass} ${classes.agent}`}
              data-tone={standingTones[work]}
              data-running={work === "running" || undefined}
            >
              <div className={classes.agentHead}>
                <Title order={2} size="h3" lineClamp={2}>
                  {titles.agent(agent.agent)}
                </Title>
                <span className={classes.work}>
                  <StandingIcon standing={work} size={13} />
                  {t.work[work]}
                </span>
              </div>
              <Track percent={agent.percent} tone={standingTones[work]} thin />
              <div className={`${classes.agentRow} tabular`}>
                <span>{t.agentChecks(agent.tools_done, agent.tools_total)}</span>
                <span>{t.findings(agent.findings)}</span>
              </div>
              <div className={classes.agentRow}>
                <span>{run === "completed" ? t.risk : t.riskSoFar}</span>
                {agent.risk === null ? (
                  <Text span size="xs">
                    {t.noRisk}
                  </Text>
                ) : (
                  <RiskTag score={agent.risk} level={null} />
                )}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
