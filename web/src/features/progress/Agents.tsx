import { Text, Title } from "@mantine/core";
import type { AgentProgress } from "../../api/investigation";
import { RiskTag, toneClass } from "../../ui/Tone";
import type { Titles } from "../../ui/useTitles";
import { Track, WorkIcon, workTones } from "./Overview";
import classes from "./progress.module.css";
import { t } from "./texts";

/** One card for each agent: where it stands, what it found, the risk that it sees so far. */
export function Agents({ agents, titles }: { agents: AgentProgress[]; titles: Titles }) {
  return (
    <section aria-label={t.agents}>
      <ul className={classes.agents}>
        {agents.map((agent) => (
          <li
            key={agent.agent}
            className={`${toneClass} ${classes.agent}`}
            data-tone={workTones[agent.status]}
            data-running={agent.status === "running" || undefined}
          >
            <div className={classes.agentHead}>
              <Title order={2} size="h3" lineClamp={1}>
                {titles.agent(agent.agent)}
              </Title>
              <span className={classes.work}>
                <WorkIcon status={agent.status} size={13} />
                {t.work[agent.status]}
              </span>
            </div>
            <Track percent={agent.percent} tone={workTones[agent.status]} thin />
            <div className={`${classes.agentRow} tabular`}>
              <span>{t.agentChecks(agent.tools_done, agent.tools_total)}</span>
              <span>{t.findings(agent.findings)}</span>
            </div>
            <div className={classes.agentRow}>
              <span>{t.riskSoFar}</span>
              {agent.risk === null ? (
                <Text span size="xs">
                  {t.noRisk}
                </Text>
              ) : (
                <RiskTag score={agent.risk} level={null} />
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
