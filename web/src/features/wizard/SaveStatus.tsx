import { Group, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { Check, CircleAlert, HardDrive, LoaderCircle } from "lucide-react";
import { t } from "../../app/texts";
import type { SaveState } from "../../sync/autosave";
import { formatClock } from "../../ui/time";
import { fieldName } from "./fault";
import { useSaving } from "./saving";
import { t as own } from "./texts";

/** Why a save failed: the first thing that is wrong, where the server names any. */
function why({ reason, faults: [first] }: Extract<SaveState, { kind: "failed" }>): string {
  return first ? `${fieldName(first.pointer)}: ${first.detail}` : reason;
}

/** Whether what was entered is on the server. "Saved" stands only after the server's durable answer. */
export function SaveStatus() {
  const { state, autosave } = useSaving();
  return (
    <Group
      gap={6}
      wrap="nowrap"
      role="status"
      miw={{ base: 0, sm: 110 }}
      justify="flex-end"
      className="tabular"
    >
      {(state.kind === "waiting" || state.kind === "saving") && (
        <>
          <LoaderCircle size={14} aria-hidden opacity={0.6} />
          <Text size="xs" c="dimmed">
            {t.save.waiting}
          </Text>
        </>
      )}
      {state.kind === "saved" && state.durable && (
        <>
          <Check size={14} aria-hidden color="var(--mantine-color-teal-6)" />
          <Text size="xs" c="dimmed">
            {t.save.saved(formatClock(state.at))}
          </Text>
        </>
      )}
      {state.kind === "saved" && !state.durable && (
        <Tooltip label={t.save.memoryDetail}>
          <Group gap={6} wrap="nowrap">
            <HardDrive size={14} aria-hidden color="var(--mantine-color-yellow-7)" />
            <Text size="xs">{t.save.memory(formatClock(state.at))}</Text>
          </Group>
        </Tooltip>
      )}
      {state.kind === "failed" && (
        <>
          <CircleAlert size={14} aria-hidden color="var(--mantine-color-error)" />
          <Tooltip label={`${why(state)} ${t.save.unsentSafe}`}>
            <Text size="xs" c="var(--mantine-color-error)" maw={360} truncate>
              {t.save.failed}: {why(state)}
              {state.retryAt && ` (${t.save.retrying} ${formatClock(state.retryAt)})`}
            </Text>
          </Tooltip>
          <UnstyledButton onClick={() => (state.retryAt ? autosave.retry() : autosave.rollBack())}>
            <Text size="xs" td="underline" style={{ whiteSpace: "nowrap" }}>
              {state.retryAt ? t.save.retry : own.vault.rollBack}
            </Text>
          </UnstyledButton>
        </>
      )}
    </Group>
  );
}
