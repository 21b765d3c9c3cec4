import { Button, Stack, Text, UnstyledButton } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { Cloud, CloudAlert, CloudOff, HardDrive, RefreshCw } from "lucide-react";
import { Suspense, useState } from "react";
import { useConnection } from "../sync/connection";
import { later } from "../ui/later";
import { OnDemand } from "../ui/OnDemand";
import { useNow } from "../ui/useNow";
import classes from "./SyncPill.module.css";
import { t } from "./texts";

const PollOnly = later(async () => (await import("./PollOnly")).PollOnly);
const SyncDetails = later(async () => (await import("./SyncDetails")).SyncDetails);

/** Whether what the screen shows is what the server holds, how fresh it is, and why it is not fresher. */
export function SyncPill() {
  const { online, lost, retryAt, saving, refused, inMemory, followed, retryNow } = useConnection();
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
        : refused
          ? { tone: "warn", Icon: CloudAlert, label: t.sync.refused, detail: t.sync.refusedDetail }
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
    <OnDemand
      opens="dialog"
      button={
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
      }
    >
      {(button, { Popover }) => (
        <Popover width={340} shadow="md" position="bottom-end" opened={opened} onChange={setOpened}>
          <Popover.Target>{button}</Popover.Target>
          <Popover.Dropdown>
            <Stack gap="sm">
              <Text size="sm">{state.detail}</Text>
              {retryAt !== null && retryNow && (
                <Button size="xs" variant="default" onClick={retryNow}>
                  {t.sync.retryNow}
                </Button>
              )}
              <Suspense>
                {followed && <SyncDetails followed={followed} now={now} />}
                <PollOnly />
              </Suspense>
            </Stack>
          </Popover.Dropdown>
        </Popover>
      )}
    </OnDemand>
  );
}
