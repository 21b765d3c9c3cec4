import { Button, Group, Popover, Stack, Switch, Text, UnstyledButton } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { Cloud, CloudAlert, CloudOff, Download, HardDrive, RefreshCw } from "lucide-react";
import { useState } from "react";
import { type Followed, useConnection } from "../sync/connection";
import { usePreference } from "../sync/preference";
import { useInvestigation } from "../sync/useInvestigation";
import { saveAs } from "../ui/save";
import { useNow } from "../ui/useNow";
import classes from "./SyncPill.module.css";
import { slowness } from "./slowness";
import { t } from "./texts";

/** Whether what the screen shows is what the server holds, how fresh it is, and why it is not fresher. */
export function SyncPill() {
  const { online, lost, retryAt, saving, inMemory, followed, retryNow } = useConnection();
  const [opened, setOpened] = useState(false);
  // the focus may be on the pill, in the panel or, after a click, nowhere
  useWindowEvent("keydown", (event) => event.key === "Escape" && setOpened(false));
  const now = useNow(1000, followed !== null || retryAt !== null);
  const seconds = retryAt === null ? null : Math.max(0, Math.ceil((retryAt - now) / 1000));
  const again = seconds ? t.sync.retryIn(seconds) : t.sync.retryingNow;
  const stream = followed?.link.rung === "websocket" || followed?.link.rung === "sse";

  const state = !online
    ? { tone: "bad", Icon: CloudOff, label: t.sync.offline, detail: t.sync.offlineDetail }
    : lost
      ? { tone: "bad", Icon: CloudAlert, label: t.sync.lost, detail: t.sync.lostDetail(again) }
      : retryAt !== null
        ? { tone: "warn", Icon: CloudAlert, label: t.sync.reconnecting, detail: t.sync.reconnectingDetail }
        : inMemory
          ? { tone: "warn", Icon: HardDrive, label: t.sync.memory, detail: t.sync.memoryDetail }
          : saving
            ? { tone: "busy", Icon: RefreshCw, label: t.sync.saving, detail: t.sync.saving }
            : {
                tone: "good",
                Icon: Cloud,
                label: stream ? t.sync.live : t.sync.upToDate,
                detail: t.sync.liveDetail,
              };
  const heardAt = followed?.link.heardAt ?? null;

  return (
    <Popover width={340} shadow="md" position="bottom-end" opened={opened} onChange={setOpened}>
      <Popover.Target>
        <UnstyledButton
          className={classes.pill}
          data-tone={state.tone}
          onClick={() => setOpened((before) => !before)}
        >
          <state.Icon size={14} aria-hidden />
          <span className={classes.label} aria-live="polite">
            {state.label}
          </span>
          {retryAt !== null && online && seconds !== null ? (
            <span className="tabular">{t.sync.seconds(seconds)}</span>
          ) : (
            heardAt !== null && (
              <span className={`tabular ${classes.fresh}`}>
                {t.sync.ago(Math.max(0, Math.floor((now - heardAt) / 1000)))}
              </span>
            )
          )}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <Text size="sm">{state.detail}</Text>
          {retryAt !== null && retryNow && (
            <Button size="xs" variant="default" onClick={retryNow}>
              {t.sync.retryNow}
            </Button>
          )}
          {followed && <Details followed={followed} now={now} />}
          <PollOnly />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Details({ followed, now }: { followed: Followed; now: number }) {
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

function PollOnly() {
  const { followBy, choose } = usePreference();
  return (
    <Switch
      size="xs"
      label={t.sync.pollOnly}
      description={t.sync.pollOnlyHint}
      checked={followBy === "poll"}
      onChange={(event) => choose(event.currentTarget.checked ? "poll" : "auto")}
    />
  );
}
