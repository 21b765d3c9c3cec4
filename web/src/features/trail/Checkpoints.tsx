import { Button, Group, List, Modal, Skeleton, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { BookmarkPlus, Undo2 } from "lucide-react";
import { useState } from "react";
import * as z from "zod";
import { type Checkpoint, makeCheckpoint, restoreCheckpoint } from "../../api/checkpoint";
import type { Investigation } from "../../api/investigation";
import { useNames } from "../../sync/colleague";
import { receive } from "../../sync/known";
import { useReadable } from "../../sync/readable";
import { useRights } from "../../sync/rights";
import { useDraft } from "../../sync/useDraft";
import { LoadFailed } from "../../ui/Broken";
import { EmptyState } from "../../ui/EmptyState";
import { Section } from "../../ui/Section";
import { Instant } from "../../ui/time";
import { changesQuery, checkpointsQuery } from "./queries";
import { t } from "./texts";
import classes from "./trail.module.css";

/** The places that the state can be brought back to, and the making of one. */
export function Checkpoints({ state }: { state: Investigation }) {
  const id = state.investigation_id;
  const checkpoints = useQuery(checkpointsQuery(id));
  const nameOf = useNames(t.checkpoints.you);
  const mine = useRights(state).owns;
  const [asking, setAsking] = useState<Checkpoint | null>(null);
  return (
    <Section title={t.checkpoints.title} hint={t.checkpoints.hint}>
      {mine && <NewCheckpoint id={id} />}
      {checkpoints.error && (
        <LoadFailed error={checkpoints.error} onRetry={() => void checkpoints.refetch()} />
      )}
      {checkpoints.isPending && <Skeleton h={120} />}
      {checkpoints.data?.length === 0 && (
        <EmptyState title={t.checkpoints.none} hint={t.checkpoints.noneHint} />
      )}
      <ul className={classes.list}>
        {checkpoints.data?.map((checkpoint) => (
          <li key={checkpoint.seq} className={classes.row}>
            <div className={classes.what}>
              <Text size="sm" fw={550}>
                {checkpoint.label}
              </Text>
              <Text size="xs" c="dimmed">
                <Instant at={checkpoint.at} /> ·{" "}
                {t.checkpoints.by(
                  checkpoint.by.kind === "user" ? nameOf(checkpoint.by.id) : t.checkpoints.run,
                  checkpoint.seq,
                )}
              </Text>
            </div>
            {mine && (
              <Button
                size="xs"
                variant="default"
                className={classes.act}
                leftSection={<Undo2 size={14} aria-hidden />}
                onClick={() => setAsking(checkpoint)}
              >
                {t.checkpoints.restore}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {asking && <RestoreDialog state={state} checkpoint={asking} onClose={() => setAsking(null)} />}
    </Section>
  );
}

const text = z.string();

function NewCheckpoint({ id }: { id: string }) {
  const client = useQueryClient();
  const { value: label, set, forget } = useDraft(`checkpoint ${id}`, text, "");
  const make = useMutation({
    mutationFn: () => makeCheckpoint(id, label.trim()),
    onSuccess: (after) => {
      receive(client, id, after);
      forget();
      notifications.show({ title: t.checkpoints.made, message: label.trim() });
      return client.invalidateQueries({ queryKey: ["checkpoints", id] });
    },
    onError: (error) =>
      notifications.show({ color: "red", title: t.checkpoints.makeFailed, message: error.message }),
  });
  return (
    <Group
      component="form"
      gap="xs"
      align="flex-end"
      mb="md"
      onSubmit={(event) => {
        event.preventDefault();
        if (label.trim()) make.mutate();
      }}
    >
      <TextInput
        className={classes.label}
        label={t.checkpoints.label}
        placeholder={t.checkpoints.placeholder}
        maxLength={200}
        value={label}
        onChange={(event) => {
          const typed = event.currentTarget.value;
          set(() => typed);
        }}
      />
      <Button
        type="submit"
        leftSection={<BookmarkPlus size={15} aria-hidden />}
        disabled={!label.trim()}
        loading={make.isPending}
      >
        {t.checkpoints.make}
      </Button>
    </Group>
  );
}

const shown = 8;

type RestoreProps = { state: Investigation; checkpoint: Checkpoint; onClose: () => void };

/** Says what going back would change, and does it; how it was before is kept as a checkpoint, which is what Undo goes back to. */
function RestoreDialog({ state, checkpoint, onClose }: RestoreProps) {
  const client = useQueryClient();
  const id = state.investigation_id;
  const readable = useReadable();
  const changes = useQuery(changesQuery(id, state.version, checkpoint.seq));
  const busy = state.status === "running";

  const failed = (error: Error) =>
    notifications.show({ color: "red", title: t.checkpoints.restoreFailed, message: error.message });
  const bringBack = async (seq: number) => {
    receive(client, id, await restoreCheckpoint(id, seq));
    await Promise.all([
      client.invalidateQueries({ queryKey: ["checkpoints", id] }),
      client.invalidateQueries({ queryKey: ["history"] }),
    ]);
  };
  const restore = useMutation({
    mutationFn: async () => {
      const kept = await makeCheckpoint(id, t.checkpoints.before(checkpoint.label));
      receive(client, id, kept);
      await bringBack(checkpoint.seq);
      return kept.state.version;
    },
    onSuccess: (before) => {
      onClose();
      const toast = notifications.show({
        autoClose: 15_000,
        title: t.checkpoints.restored(checkpoint.label),
        message: (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              notifications.hide(toast);
              bringBack(before).catch(failed);
            }}
          >
            {t.checkpoints.undo}
          </Button>
        ),
      });
    },
    onError: failed,
  });

  return (
    <Modal opened onClose={onClose} title={t.checkpoints.restoreAsk(checkpoint.label)} centered size="lg">
      {changes.error && <LoadFailed error={changes.error} onRetry={() => void changes.refetch()} />}
      {changes.isPending && <Skeleton h={80} />}
      {changes.data && (
        <>
          <Text size="sm">{t.checkpoints.restoreLead(changes.data.items.length)}</Text>
          <List size="sm" my="xs" spacing={2}>
            {changes.data.items.slice(0, shown).map((item) => (
              <List.Item key={item.path} style={{ overflowWrap: "anywhere" }}>
                {readable(item.text)}
              </List.Item>
            ))}
          </List>
          {changes.data.items.length > shown && (
            <Text size="xs" c="dimmed">
              {t.checkpoints.more(changes.data.items.length - shown)}
            </Text>
          )}
        </>
      )}
      <Text size="sm" c="dimmed" mt="sm">
        {busy ? t.checkpoints.restoreBusy : t.checkpoints.restoreSafe}
      </Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          {t.checkpoints.restoreNo}
        </Button>
        <Button loading={restore.isPending} disabled={busy} onClick={() => restore.mutate()}>
          {t.checkpoints.restoreYes}
        </Button>
      </Group>
    </Modal>
  );
}
