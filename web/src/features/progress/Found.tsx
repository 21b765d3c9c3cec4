import { Anchor, Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import type { Finding } from "../../api/results";
import type { Status } from "../../api/status";
import { Section } from "../../ui/Section";
import { SeverityTag } from "../../ui/Tone";
import { formatClock, Instant } from "../../ui/time";
import type { Titles } from "../../ui/useTitles";
import classes from "./progress.module.css";
import { t } from "./texts";

const portion = 30;

type Props = { id: string; findings: Finding[]; status: Status; titles: Titles };

/** What was found so far, the newest first. */
export function Found({ id, findings, status, titles }: Props) {
  const [shown, setShown] = useState(portion);
  const newest = findings.slice(-shown).reverse();
  const rest = findings.length - newest.length;
  const over = status === "completed" || status === "cancelled";
  return (
    <Section
      title={t.found}
      hint={t.foundHint}
      aside={
        <Text size="sm" c="dimmed">
          {findings.length}
        </Text>
      }
    >
      {findings.length === 0 ? (
        <Text size="sm" c="dimmed">
          {over ? t.noFindingsEnd : t.noFindings}
        </Text>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section className={classes.scroll} tabIndex={0} aria-label={t.foundList}>
          <ul className={classes.found}>
            {newest.map((finding) => (
              <li key={finding.id}>
                <Group gap={8} mb={4} justify="space-between" wrap="nowrap">
                  <Group gap={8} wrap="nowrap" miw={0}>
                    <SeverityTag severity={finding.severity} />
                    <Text size="xs" c="dimmed" truncate>
                      {titles.agent(finding.agent)}
                    </Text>
                  </Group>
                  {finding.found_at && (
                    <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                      <Instant at={finding.found_at} format={formatClock} />
                    </Text>
                  )}
                </Group>
                {over ? (
                  <Anchor
                    component={Link}
                    to={`/investigations/${id}/results?finding=${encodeURIComponent(finding.id)}`}
                    className={classes.sentence}
                    c="inherit"
                  >
                    {finding.sentence}
                  </Anchor>
                ) : (
                  <div className={classes.sentence}>{finding.sentence}</div>
                )}
              </li>
            ))}
          </ul>
          {rest > 0 && (
            <Button variant="default" size="xs" mt="xs" onClick={() => setShown(shown + 10 * portion)}>
              {t.showMore(rest)}
            </Button>
          )}
        </section>
      )}
    </Section>
  );
}
