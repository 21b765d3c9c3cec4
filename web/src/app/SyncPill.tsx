import { Button, HoverCard, Text, UnstyledButton } from "@mantine/core";
import { Cloud, CloudAlert, CloudOff, HardDrive, RefreshCw } from "lucide-react";
import { useEffect, useState } from "react";
import { useConnection } from "../sync/connection";
import classes from "./SyncPill.module.css";
import { t } from "./texts";

/** Seconds until `at`, counted down each second; null while there is nothing to wait for. */
function useSecondsUntil(at: number | null): number | null {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (at === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [at]);
  return at === null ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

/** Whether what the screen shows is what the server holds; while the connection is lost, when the next try is. */
export function SyncPill() {
  const { online, lost, retryAt, retryNow, saving, inMemory } = useConnection();
  const seconds = useSecondsUntil(lost ? retryAt : null);

  const state = !online
    ? { tone: "bad", Icon: CloudOff, label: t.sync.offline, detail: t.sync.offlineDetail }
    : lost
      ? {
          tone: "bad",
          Icon: CloudAlert,
          label: t.sync.lost,
          detail: seconds === null ? t.sync.lost : t.sync.retryIn(seconds),
        }
      : retryAt !== null
        ? { tone: "warn", Icon: CloudAlert, label: t.sync.reconnecting, detail: t.sync.reconnectingDetail }
        : inMemory
          ? { tone: "warn", Icon: HardDrive, label: t.sync.memory, detail: t.sync.memoryDetail }
          : saving
            ? { tone: "busy", Icon: RefreshCw, label: t.sync.saving, detail: t.sync.saving }
            : { tone: "good", Icon: Cloud, label: t.sync.live, detail: t.sync.liveDetail };

  return (
    <HoverCard width={280} shadow="md" openDelay={150}>
      <HoverCard.Target>
        <UnstyledButton className={classes.pill} data-tone={state.tone} aria-live="polite">
          <state.Icon size={14} aria-hidden />
          <span className={classes.label}>{state.label}</span>
          {lost && online && seconds !== null && <span className="tabular">{seconds} s</span>}
        </UnstyledButton>
      </HoverCard.Target>
      <HoverCard.Dropdown>
        <Text size="sm">{state.detail}</Text>
        {lost && retryNow && (
          <Button size="xs" mt="xs" variant="default" onClick={retryNow}>
            {t.sync.retryNow}
          </Button>
        )}
      </HoverCard.Dropdown>
    </HoverCard>
  );
}
