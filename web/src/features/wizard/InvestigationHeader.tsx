import { Anchor, Breadcrumbs, Button, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, Pause, Play, RotateCcw, X } from "lucide-react";
import { Link, useNavigate } from "react-router";
import { type Act, drive, type Investigation, investigation } from "../../api/investigation";
import { ApiError } from "../../api/problem";
import { partialBy } from "../../api/results";
import { type Step, steps } from "../../api/status";
import { t } from "../../app/texts";
import { receive } from "../../sync/known";
import { canBe, useRights } from "../../sync/rights";
import { useTitle } from "../../ui/PageHeader";
import { StatusBadge } from "../../ui/StatusBadge";
import { useArrival } from "../../ui/useArrival";
import { useKeptFocus } from "../../ui/useKeptFocus";
import classes from "./InvestigationHeader.module.css";
import { SaveStatus } from "./SaveStatus";
import { StepWalk } from "./StepWalk";
import { useSaving } from "./saving";
import { t as own } from "./texts";
import { Viewers } from "./Viewers";

/** Where the investigation stands, its steps, and what can be done with the run. */
export function InvestigationHeader({ state, step }: { state: Investigation; step: Step | null }) {
  const { draft } = useSaving();
  const name = draft?.name.trim() || state.name;
  useTitle(name);
  useArrival();
  const kept = useKeptFocus<HTMLDivElement>();
  const { owns } = useRights(state);
  return (
    <Stack gap="sm">
      <Breadcrumbs separator="›" separatorMargin={6}>
        <Anchor component={Link} to="/" size="xs">
          {t.nav.investigations}
        </Anchor>
        <Text size="xs" lh={1.5} c="dimmed" truncate maw={320}>
          {name}
        </Text>
      </Breadcrumbs>
      <Group justify="space-between" gap="md">
        <Group gap="sm" className={classes.title}>
          <Title order={1} className={classes.name}>
            {name}
          </Title>
          <StatusBadge status={state.status} partial={state.results && partialBy(state.results)} />
        </Group>
        <Group gap="xs" {...kept}>
          <Viewers id={state.investigation_id} />
          <div className={classes.saved}>
            <SaveStatus />
          </div>
          {owns && <Acts state={state} />}
        </Group>
      </Group>
      <div className={classes.walk}>
        <StepNav state={state} step={step} />
        <StepWalk state={state} step={step ?? state.wizard_step} />
      </div>
    </Stack>
  );
}

function StepNav({ state, step }: { state: Investigation; step: Step | null }) {
  const started = state.status !== "draft";
  return (
    <nav aria-label={t.wizard.steps}>
      <ol className={classes.steps}>
        {steps.map((s, i) => {
          const done = (s === "settings" && started) || (s === "progress" && state.status === "completed");
          const content = (
            <>
              <span className={classes.number} data-done={done || undefined}>
                {done ? <Check size={13} aria-hidden /> : i + 1}
              </span>
              {t.step[s]}
            </>
          );
          return (
            <li key={s}>
              {s === "settings" || started ? (
                <Link
                  to={`/investigations/${state.investigation_id}/${s}`}
                  className={classes.step}
                  aria-current={s === step ? "step" : undefined}
                >
                  {content}
                </Link>
              ) : (
                <span className={classes.step} data-disabled title={t.wizard.notYet}>
                  {content}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

/** In the order of their buttons. Start stands with the settings it starts. */
const buttons = [
  { what: "pause", Icon: Pause },
  { what: "resume", Icon: Play },
  { what: "retry", Icon: RotateCcw },
  { what: "cancel", Icon: X },
] as const;

function Acts({ state }: { state: Investigation }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, { open, close }] = useDisclosure(false);
  const id = state.investigation_id;
  const over = state.status === "completed";
  const act = useMutation({
    mutationFn: (what: Act) => drive(id, what),
    onSuccess: (next, what) => {
      receive(client, id, next);
      void client.invalidateQueries({ queryKey: ["history"] });
      if (what === "retry") navigate(`/investigations/${id}/progress`, { state: { driven: true } });
    },
    onError: (error, what) => {
      // somebody, or the run itself, was quicker: show what stands now
      const current = error instanceof ApiError ? error.extra("current", investigation) : undefined;
      if (current) receive(client, id, { state: current });
      notifications.show({ color: "red", title: t.wizard.actFailed[what], message: error.message });
    },
  });

  return (
    <>
      {buttons
        .filter(({ what }) => canBe(what, state))
        .map(({ what, Icon }) => (
          <Button
            key={what}
            size="xs"
            variant={what === "resume" || (what === "retry" && !over) ? "filled" : "default"}
            leftSection={<Icon size={14} aria-hidden />}
            loading={act.isPending && act.variables === what}
            disabled={act.isPending && act.variables !== what}
            onClick={() => (what === "cancel" ? open() : act.mutate(what))}
          >
            {what === "retry" && over ? own.retryMissing : t.wizard.acts[what]}
          </Button>
        ))}
      <Modal opened={asking} onClose={close} title={t.wizard.cancelAsk} centered>
        <Text size="sm">{t.wizard.cancelDetail}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close} data-autofocus>
            {t.wizard.cancelNo}
          </Button>
          <Button
            color="red"
            onClick={() => {
              close();
              act.mutate("cancel");
            }}
          >
            {t.wizard.cancelYes}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
