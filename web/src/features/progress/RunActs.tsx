import { Button, Group, Modal, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleX, Pause, Play, RotateCcw } from "lucide-react";
import { type Act, drive, type Investigation, type Status } from "../../api/investigation";
import { receive } from "../../sync/useInvestigation";
import { countTools } from "./chart";
import classes from "./progress.module.css";
import { t } from "./texts";

type RunAct = "pause" | "resume" | "cancel" | "retry";

/** What a person may do with a run; status.go of the server has the same table. */
const legal: Record<Status, readonly RunAct[]> = {
  draft: [],
  running: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  error: ["retry", "cancel"],
  completed: [],
  cancelled: [],
};

const icons = { pause: Pause, resume: Play, cancel: CircleX, retry: RotateCcw };

/** Pause, resume, cancel and retry, as the status allows. */
export function RunActs({ investigation }: { investigation: Investigation }) {
  const { investigation_id: id, status, progress } = investigation;
  const client = useQueryClient();
  const [asking, { open, close }] = useDisclosure(false);
  const run = useMutation({
    mutationFn: (act: Act) => drive(id, act),
    onSuccess: (state) => {
      receive(client, id, { state });
      void client.invalidateQueries({ queryKey: ["history"] });
    },
    onError: (error, act) =>
      notifications.show({
        color: "red",
        title: t.actFailed[act],
        message: error.message,
        autoClose: 10_000,
      }),
    onSettled: close,
  });
  const counts = countTools(progress.tools);
  const acts = legal[status];

  return (
    <div className={classes.acts}>
      {acts.map((act) => {
        const Icon = icons[act];
        const button = (
          <Button
            key={act}
            variant={act === "resume" || act === "retry" ? "filled" : "default"}
            leftSection={<Icon size={15} aria-hidden />}
            loading={run.isPending && run.variables === act && act !== "cancel"}
            disabled={run.isPending}
            onClick={() => (act === "cancel" ? open() : run.mutate(act))}
          >
            {t.acts[act]}
          </Button>
        );
        return act === "cancel" ? (
          button
        ) : (
          <Tooltip key={act} label={t.actsHint[act]}>
            {button}
          </Tooltip>
        );
      })}
      <Modal opened={asking && acts.includes("cancel")} onClose={close} title={t.cancel.title} centered>
        <Text size="sm">{t.cancel.detail(counts.over, counts.all)}</Text>
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            {t.cancel.no}
          </Button>
          <Button color="red" loading={run.isPending} onClick={() => run.mutate("cancel")}>
            {t.cancel.yes}
          </Button>
        </Group>
      </Modal>
    </div>
  );
}
