import { Button, Chip, Group, Text } from "@mantine/core";
import { useState } from "react";
import { Link, useLocation } from "react-router";
import type { Results } from "../../api/results";
import type { Severity } from "../../api/severity";
import { t as words } from "../../app/texts";
import { formatCount } from "../../ui/number";
import { Section } from "../../ui/Section";
import { Dot, toneClass } from "../../ui/Tone";
import { formatInstant } from "../../ui/time";
import { cellText } from "./evidence";
import { byTitle, moments } from "./moments";
import { usePrinting } from "./reading";
import classes from "./results.module.css";
import { t } from "./texts";

const portion = 20;
const day = 24 * 60 * 60 * 1000;
const lanes = ["critical", "high", "medium", "low"] as const;

/** The moments of the case, drawn along time and listed. */
export function Timeline({ entries }: { entries: Results["timeline"] }) {
  const [limit, setLimit] = useState(portion);
  const [chosen, setChosen] = useState<readonly Severity[]>([]);
  const { pathname } = useLocation();
  const offered = lanes.filter((lane) => entries.some((entry) => entry.severity === lane));
  const printing = usePrinting();
  const kept = entries.filter((entry) => chosen.length === 0 || chosen.includes(entry.severity));
  const all = moments(kept);
  const shown = printing ? all : all.slice(0, limit);
  return (
    <Section title={t.sections.timeline} hint={t.timeline.hint} id="timeline">
      {offered.length > 1 && (
        <Chip.Group
          multiple
          value={[...chosen]}
          onChange={(values: string[]) => setChosen(lanes.filter((lane) => values.includes(lane)))}
        >
          <Group gap={6} mb="md" role="group" aria-label={t.timeline.severity} data-noprint>
            {offered.map((lane) => (
              <Chip key={lane} value={lane} size="xs" variant="light">
                {words.risk[lane]} {entries.filter((entry) => entry.severity === lane).length}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      )}
      {all.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.timeline.none}
        </Text>
      ) : (
        <>
          {all.length > 1 && <Strip entries={kept} />}
          <ol className={classes.timeline}>
            {shown.map(({ at, row, found }) => (
              <li key={`${at} ${row}`}>
                <time dateTime={at} title={formatInstant(at)} className={`${classes.when} tabular`}>
                  {cellText(at)}
                </time>
                <span className={`${classes.dim} tabular`}>{t.timeline.row(formatCount(row))}</span>
                <span className={classes.moment}>
                  {found.map(({ severity, entries }) => (
                    <span key={severity}>
                      <span className={classes.grade}>
                        <Dot tone={severity} /> {words.risk[severity]}
                      </span>
                      {byTitle(entries).map(([first, times]) => (
                        <Link
                          key={first.finding_id}
                          to={`${pathname}?finding=${encodeURIComponent(first.finding_id)}`}
                          className={classes.plainLink}
                        >
                          {times > 1 ? t.timeline.times(first.title, times) : first.title}
                        </Link>
                      ))}
                    </span>
                  ))}
                </span>
              </li>
            ))}
          </ol>
          {all.length > shown.length && (
            <Button
              variant="default"
              size="xs"
              mt="sm"
              onClick={() => setLimit(limit + 10 * portion)}
              data-noprint
            >
              {t.timeline.more(all.length - shown.length)}
            </Button>
          )}
        </>
      )}
    </Section>
  );
}

/** Where the moments lie in time; one lane for each severity. */
function Strip({ entries }: { entries: Results["timeline"] }) {
  const times = entries.map((entry) => Date.parse(entry.at));
  const from = Math.min(...times);
  const to = Math.max(...times);
  const span = Math.max(1, to - from);
  const end = (at: number) => cellText(new Date(at).toISOString()).slice(0, span < 3 * day ? 16 : 10);
  const [first, last] = [end(from), end(to)];
  const used = lanes.filter((lane) => entries.some((entry) => entry.severity === lane));
  return (
    <div className={classes.strip}>
      <div role="img" aria-label={t.timeline.chart(entries.length, first, last)}>
        {used.map((lane) => (
          <div key={lane} className={classes.stripLane}>
            {entries.map(
              (entry) =>
                entry.severity === lane && (
                  <span
                    key={`${entry.finding_id} ${entry.at} ${entry.row}`}
                    className={`${toneClass} ${classes.stripDot}`}
                    data-tone={lane}
                    style={{ left: `${(100 * (Date.parse(entry.at) - from)) / span}%` }}
                  />
                ),
            )}
          </div>
        ))}
      </div>
      <div className={classes.stripEnds} aria-hidden>
        <span>{first}</span>
        <span>{last}</span>
      </div>
    </div>
  );
}
