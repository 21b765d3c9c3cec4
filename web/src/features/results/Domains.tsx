import { Text } from "@mantine/core";
import { useSearchParams } from "react-router";
import type { Scoring } from "../../api/investigation";
import type { Results } from "../../api/results";
import { Section } from "../../ui/Section";
import { levelOf, RiskTag, toneClass } from "../../ui/Tone";
import type { Titles } from "../../ui/useTitles";
import { noFilter, writeFilter } from "./findingFilter";
import classes from "./results.module.css";
import { t } from "./texts";

type Props = {
  domains: Results["domains"];
  /** What agents count in the score; in full where absent. */
  weights: Scoring["agent_weights"];
  titles: Titles;
};

/** The risk that each agent sees, and the share of its checks that could assess. */
export function Domains({ domains, weights, titles }: Props) {
  const [search, setSearch] = useSearchParams();
  const sorted = [...domains].sort((a, b) => (b.risk ?? -1) - (a.risk ?? -1));

  function show(agent: string) {
    setSearch(writeFilter(search, { ...noFilter, agent }), {
      replace: true,
      preventScrollReset: true,
    });
    document.getElementById("findings")?.scrollIntoView();
  }

  return (
    <Section title={t.agents.title} hint={t.agents.hint}>
      <ul className={classes.domains}>
        {sorted.map(({ agent, risk, assessed, tools, coverage }) => (
          <li key={agent} className={toneClass} data-tone={risk === null ? "none" : levelOf(risk)}>
            <button
              type="button"
              className={classes.domain}
              onClick={() => show(agent)}
              title={t.agents.show(titles.agent(agent))}
            >
              <span className={classes.domainHead}>
                <span className={classes.domainName}>{titles.agent(agent)}</span>
                {risk === null ? (
                  <Text span size="xs" c="dimmed">
                    {t.agents.none}
                  </Text>
                ) : (
                  <RiskTag score={risk} level={null} />
                )}
              </span>
              <span className={classes.meter} aria-hidden>
                <span className={classes.meterFill} style={{ width: `${risk ?? 0}%` }} />
              </span>
              {weights[agent] !== undefined && (
                <Text span size="xs" c="dimmed">
                  {t.agents.inPart(Math.round(100 * weights[agent]))}
                </Text>
              )}
              <span className={classes.coverage}>
                <span>{t.agents.coverage(assessed, tools)}</span>
                <span className={classes.coverageTrack} aria-hidden>
                  <span style={{ width: `${coverage * 100}%` }} />
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
