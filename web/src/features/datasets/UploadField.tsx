import { Alert, Button, FileButton, Group, Progress, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { type DragEvent, useEffect, useRef, useState } from "react";
import type { Dataset } from "../../api/dataset";
import { ApiError } from "../../api/problem";
import { deleteUpload, finishUpload, sendFile } from "../../api/upload";
import { t } from "../../app/texts";
import { useConfig } from "../../sync/config";
import { uploadsQuery } from "../../sync/dataset";
import { formatBytes } from "../../ui/number";
import classes from "./UploadField.module.css";

type State =
  | { kind: "idle"; note?: string }
  | { kind: "sending"; name: string; id: string; share: number; waiting: boolean }
  | { kind: "failed"; name: string; error: Error; id: string };

/** Takes a file by drop or by choice and shows how far it is. */
export function UploadField({ onUploaded }: { onUploaded: (dataset: Dataset) => void }) {
  const client = useQueryClient();
  const max = useConfig().limits.upload_max_bytes;
  const [state, setState] = useState<State>({ kind: "idle" });
  const [over, setOver] = useState(false);
  const abort = useRef<AbortController | null>(null);
  /** The upload that is being sent or was sent last; empty before the server has given it an id. */
  const underway = useRef("");
  const broken = useQuery(uploadsQuery);
  useEffect(() => () => abort.current?.abort(), []);
  const askAgain = () => client.invalidateQueries({ queryKey: uploadsQuery.queryKey });

  async function upload(files: File[]) {
    const [file] = files;
    if (!file || state.kind === "sending") return;
    const refuse = (reason: string) =>
      setState({ kind: "failed", name: file.name, error: new Error(reason), id: "" });
    if (files.length > 1) return refuse(t.datasets.several);
    if (file.size === 0) return refuse(t.datasets.fileEmpty);
    if (file.size > max) return refuse(t.datasets.tooLarge(formatBytes(file.size), formatBytes(max)));
    if (/^(image|video|audio)\/|[-/]zip|x-zip|pdf|officedocument/.test(file.type))
      return refuse(t.datasets.notCsv(file.name));

    await work(file.name, async (signal) => {
      const name = file.name.replace(/\.(csv|txt|tsv|jsonl|ndjson|parquet)?(\.gz)?$/i, "");
      const whole = await sendFile(
        file,
        name,
        (sent) => {
          underway.current = sent.id;
          setState({ kind: "sending", name: file.name, ...sent });
        },
        signal,
      );
      return finishUpload(whole.id, false, signal);
    });
  }

  /** Does what ends in a data set, and shows how it goes. */
  async function work(name: string, make: (signal: AbortSignal) => Promise<Dataset>) {
    const control = new AbortController();
    abort.current = control;
    underway.current = "";
    setState({ kind: "sending", name, id: "", share: 0, waiting: false });
    try {
      const dataset = await make(control.signal);
      client.setQueryData(["datasets", dataset.id], dataset);
      void client.invalidateQueries({ queryKey: ["datasets"], exact: true });
      setState({ kind: "idle" });
      onUploaded(dataset);
    } catch (cause) {
      if (control.signal.aborted) {
        setState({ kind: "idle", note: t.datasets.cancelled });
      } else {
        const error = cause instanceof Error ? cause : new Error(String(cause));
        setState({ kind: "failed", name, error, id: underway.current });
        // What was refused stays only where it may be asked for in another way.
        if (underway.current !== "" && isRefusal(error) && !isMalformed(error))
          await discard(underway.current);
      }
    }
    void askAgain();
  }

  /** Imports what has come already, without the rows that cannot be read. */
  const withoutMalformed = (id: string, name: string) =>
    work(name, (signal) => {
      underway.current = id;
      setState({ kind: "sending", name, id, share: 1, waiting: false });
      return finishUpload(id, true, signal);
    });

  const discard = (id: string) =>
    deleteUpload(id)
      .catch(() => undefined) // it has ended otherwise
      .then(askAgain);

  function cancel(id: string) {
    abort.current?.abort();
    if (id !== "") void discard(id);
  }

  if (state.kind === "sending") {
    const sent = state.share >= 1;
    const label = state.waiting
      ? t.datasets.waiting(state.name)
      : sent
        ? t.datasets.reading(state.name)
        : t.datasets.sending(state.name);
    return (
      <Stack className={classes.box} gap="xs" role="status">
        <Text size="sm" fw={550}>
          {label}
        </Text>
        <Progress
          value={state.share * 100}
          animated={sent || state.waiting}
          striped={sent || state.waiting}
          {...(state.waiting && { color: "yellow" })}
          w="100%"
          maw={420}
          aria-label={label}
        />
        {!sent && (
          <Text size="xs" c="dimmed" className="tabular" aria-hidden>
            {t.datasets.sent(Math.floor(state.share * 100))}
          </Text>
        )}
        <Button size="xs" variant="default" onClick={() => cancel(state.id)}>
          {t.datasets.cancel}
        </Button>
      </Stack>
    );
  }

  return (
    <Stack gap="sm">
      {state.kind === "failed" && (
        <Alert
          color="red"
          role="alert"
          title={`${t.datasets.failed}: ${state.name}`}
          withCloseButton
          onClose={() => setState({ kind: "idle" })}
        >
          <Stack gap={4}>
            <Text size="sm">{state.error.message}</Text>
            {state.error instanceof ApiError &&
              state.error.faults.map((fault) => (
                <Text size="sm" key={fault.pointer + fault.code}>
                  {fault.detail}
                </Text>
              ))}
            {state.id !== "" && isMalformed(state.error) ? (
              <Group mt={4}>
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => void withoutMalformed(state.id, state.name)}
                >
                  {t.datasets.setAside}
                </Button>
              </Group>
            ) : (
              <Text size="xs" c="dimmed">
                {t.datasets.failedSafe}
              </Text>
            )}
          </Stack>
        </Alert>
      )}
      {broken.data
        ?.filter((upload) => state.kind !== "failed" || upload.id !== state.id)
        .map((upload) => (
          <Alert key={upload.id} color="yellow" role="status" title={t.datasets.unfinished(upload.filename)}>
            <Group justify="space-between" gap="xs">
              <Text size="sm">
                {t.datasets.unfinishedHint(formatBytes(upload.offset), formatBytes(upload.size))}
              </Text>
              <Button size="xs" variant="default" onClick={() => void discard(upload.id)}>
                {t.datasets.discardUpload}
              </Button>
            </Group>
          </Alert>
        ))}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same for keyboards */}
      <div
        className={classes.box}
        data-over={over || undefined}
        onDragOver={(event: DragEvent) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event: DragEvent) => {
          event.preventDefault();
          setOver(false);
          void upload([...event.dataTransfer.files]);
        }}
      >
        <FileUp size={26} aria-hidden className={classes.icon} />
        <Text size="sm" fw={550}>
          {over ? t.datasets.dropNow : t.datasets.drop}
        </Text>
        <Text size="xs" c="dimmed">
          {Number.isFinite(max) ? t.datasets.dropHint(formatBytes(max)) : t.datasets.dropHintUnbounded}
        </Text>
        <Group mt={4}>
          <FileButton
            accept=".csv,.tsv,.txt,.jsonl,.ndjson,.parquet,.gz,text/csv,text/plain"
            onChange={(file) => file && void upload([file])}
          >
            {(props) => (
              <Button {...props} size="xs" variant="light">
                {t.datasets.choose}
              </Button>
            )}
          </FileButton>
        </Group>
        {state.kind === "idle" && state.note && (
          <Text size="xs" c="dimmed" role="status">
            {state.note}
          </Text>
        )}
      </div>
    </Stack>
  );
}

const isRefusal = (error: Error) => error instanceof ApiError && error.status >= 400 && error.status < 500;

const isMalformed = (error: Error) =>
  error instanceof ApiError && error.faults.some((fault) => fault.code === "malformed_row");
