import { Button, Group, Text } from "@mantine/core";
import { Download } from "lucide-react";
import type { Followed } from "../sync/connection";
import { usePreference } from "../sync/preference";
import { useInvestigation } from "../sync/useInvestigation";
import { saveAs } from "../ui/save";
import classes from "./SyncPill.module.css";
import { slowness } from "./slowness";
import { t } from "./texts";

/** How the investigation that is open is followed, and why not faster. In a file of its own: the first screen follows none. */
export function SyncDetails({ followed, now }: { followed: Followed; now: number }) {
  const { id, link, byOtherTab, trace } = followed;
  const version = useInvestigation(id).data?.version;
  const followBy = usePreference((store) => store.followBy);
  const why = slowness(followed, followBy, now);
  const polls = link.rung === "poll" || link.rung === "longpoll";
  const facts: [string, string][] = [
    [t.sync.way, link.rung ? t.sync.ways[link.rung] : "–"],
    [
      t.sync.updated,
      link.heardAt === null ? "–" : t.sync.ago(Math.max(0, Math.floor((now - link.heardAt) / 1000))),
    ],
    [t.sync.version, version === undefined ? "–" : String(version)],
    [t.sync.latency, link.latencyMs === null ? t.sync.unknown : t.sync.ms(link.latencyMs)],
  ];
  if (polls && link.paceMs !== null) facts.push([t.sync.pace, t.sync.seconds(link.paceMs / 1000)]);
  return (
    <>
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="tabular">
              {value}
              {name === t.sync.way && byOtherTab && (
                <span className={classes.aside}>{t.sync.byOtherTab}</span>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {why.length > 0 && (
        <div>
          <Text size="xs" fw={600}>
            {t.sync.why}
          </Text>
          <ul className={classes.why}>
            {why.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </div>
      )}
      <Group gap="xs" wrap="nowrap" align="center">
        <Button
          size="xs"
          variant="default"
          leftSection={<Download size={14} aria-hidden />}
          style={{ flexShrink: 0 }}
          onClick={() => saveAs(`${id}.trace.json`, "application/json", JSON.stringify(trace(), null, 1))}
        >
          {t.sync.trace}
        </Button>
        <Text size="xs" c="dimmed">
          {t.sync.traceHint}
        </Text>
      </Group>
    </>
  );
}
