import { Alert, Button, FileButton, Group, Progress, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { type Dataset, uploadDataset } from "../../api/dataset";
import { ApiError } from "../../api/problem";
import { t } from "../../app/texts";
import { useConfig } from "../../sync/useInvestigation";
import { formatBytes } from "../../ui/number";
import classes from "./UploadField.module.css";

type State =
  | { kind: "idle"; note?: string }
  | { kind: "sending"; name: string; share: number }
  | { kind: "failed"; name: string; error: Error };

/** Takes a file by drop or by choice and shows how far it is. */
export function UploadField({ onUploaded }: { onUploaded: (dataset: Dataset) => void }) {
  const client = useQueryClient();
  const max = useConfig().limits.upload_max_bytes;
  const [state, setState] = useState<State>({ kind: "idle" });
  const [over, setOver] = useState(false);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  async function upload(files: File[]) {
    const [file] = files;
    if (!file || state.kind === "sending") return;
    const refuse = (reason: string) =>
      setState({ kind: "failed", name: file.name, error: new Error(reason) });
    if (files.length > 1) return refuse(t.datasets.several);
    if (file.size > max) return refuse(t.datasets.tooLarge(formatBytes(file.size), formatBytes(max)));
    if (/^(image|video|audio)\/|[-/]zip|x-zip|pdf|officedocument/.test(file.type))
      return refuse(t.datasets.notCsv(file.name));

    const control = new AbortController();
    abort.current = control;
    setState({ kind: "sending", name: file.name, share: 0 });
    try {
      const dataset = await uploadDataset(
        file,
        file.name.replace(/\.(csv|txt|tsv|jsonl|ndjson|parquet)?(\.gz)?$/i, ""),
        (share) => setState({ kind: "sending", name: file.name, share }),
        control.signal,
      );
      client.setQueryData(["datasets", dataset.id], dataset);
      void client.invalidateQueries({ queryKey: ["datasets"], exact: true });
      setState({ kind: "idle" });
      onUploaded(dataset);
    } catch (error) {
      if (control.signal.aborted) setState({ kind: "idle", note: t.datasets.cancelled });
      else
        setState({
          kind: "failed",
          name: file.name,
          error: error instanceof Error ? error : new Error(String(error)),
        });
    }
  }

  if (state.kind === "sending") {
    const sent = state.share >= 1;
    const label = sent ? t.datasets.reading(state.name) : t.datasets.sending(state.name);
    return (
      <Stack className={classes.box} gap="xs" role="status">
        <Text size="sm" fw={550}>
          {label}
        </Text>
        <Progress
          value={state.share * 100}
          animated={sent}
          striped={sent}
          w="100%"
          maw={420}
          aria-label={label}
        />
        <Button size="xs" variant="default" onClick={() => abort.current?.abort()}>
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
            <Text size="xs" c="dimmed">
              {t.datasets.failedSafe}
            </Text>
          </Stack>
        </Alert>
      )}
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
