import { Alert, Anchor, Button, type ButtonProps, Group, List, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, Play, RotateCcw, Snowflake, TriangleAlert } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";
import * as z from "zod";
import { rerun } from "../../api/history";
import {
  start as begin,
  type Draft,
  type Investigation,
  type Priority,
  priorities,
  type Settings,
} from "../../api/investigation";
import { ApiError, type Fault } from "../../api/problem";
import { t } from "../../app/texts";
import { useNames } from "../../sync/colleague";
import { type Estimate, useEstimate } from "../../sync/estimate";
import { receive } from "../../sync/known";
import { useRights } from "../../sync/rights";
import { type FormDraft, useDraft } from "../../sync/useDraft";
import { useInvestigation } from "../../sync/useInvestigation";
import { useWizardStore } from "../../sync/wizardStore";
import { formatCount } from "../../ui/number";
import { Section } from "../../ui/Section";
import { formatDuration } from "../../ui/time";
import { DatasetField } from "./DatasetField";
import { downTheForm, faultAt, fieldId, fieldName, focusField, readiness } from "./fault";
import { PriorityField } from "./ModeFields";
import type { Ranker } from "./RankButton";
import { SettingsFields } from "./SettingsFields";
import classes from "./SettingsStep.module.css";
import { useSaving } from "./saving";
import { t as own } from "./texts";
import { chosen } from "./toolMatrix";
import { useCatalogue } from "./useCatalogue";

const priority = z.enum(priorities);
const none: never[] = [];

/** What to investigate and how. Every entry is saved as it is made; Start is the only button. */
export function SettingsStep({ ranker }: { ranker: Ranker }) {
  const { id = "" } = useParams();
  const state = useInvestigation(id).data;
  const { draft } = useSaving();
  return state && draft ? <SettingsForm state={state} draft={draft} ranker={ranker} /> : null;
}

function SettingsForm({ state, draft, ranker }: { state: Investigation; draft: Draft; ranker: Ranker }) {
  const id = state.investigation_id;
  const { edit, autosave, state: save } = useSaving();
  const adding = useWizardStore((store) => store.adding[id] ?? "");
  const hold = useWizardStore((store) => store.hold);
  const { settings } = draft;
  const { dataset, agents } = useCatalogue(settings);
  const mine = useRights(state).owns;
  const nameOf = useNames(own.visit.you);
  const frozen = state.status !== "draft" || !mine;
  const estimate = useEstimate(state, save.kind === "idle" || save.kind === "saved");
  const urgency = useDraft(`priority ${id}`, priority, "normal");
  const { problems, start } = useStart(id, draft, agents, adding, estimate.faults, urgency);
  const refused = save.kind === "failed" ? save.faults : none;
  const faults = useMemo(() => merged(problems, refused), [problems, refused]);
  const told = useMemo(() => [...faults, ...estimate.faults], [faults, estimate.faults]);
  const set = useCallback(
    (change: Partial<Settings>) => edit((now) => ({ ...now, settings: { ...now.settings, ...change } })),
    [edit],
  );
  const hear = useCallback((text: string) => hold(id, { adding: text }), [hold, id]);
  const { value: wanted, set: want } = urgency;
  const priorityField = useMemo(
    () => (
      <PriorityField
        value={frozen ? state.priority : wanted}
        onChange={(chosen) => want(() => chosen)}
        disabled={frozen}
      />
    ),
    [frozen, state.priority, wanted, want],
  );

  const tools = agents?.flatMap((a) =>
    a.tools.map((x) => ({ ...x, ...chosen(settings.tool_matrix, a, x.tool) })),
  );
  const on = tools?.filter((x) => x.enabled) ?? [];
  const blind = dataset ? on.filter((x) => !x.assessable).length : 0;

  return (
    <Stack gap="md">
      {state.status !== "draft" && <Frozen id={id} mine={mine} />}
      {!mine && <Alert color="gray">{own.foreign(nameOf(state.user_id))}</Alert>}
      <Problems faults={faults} />
      <Section
        title={t.settings.subject}
        aside={
          !frozen && (
            <TemplateLink to={`/templates?for=${encodeURIComponent(id)}`} size="xs">
              {t.settings.loadTemplate}
            </TemplateLink>
          )
        }
      >
        <div className={classes.subject}>
          <TextInput
            id={fieldId("/name")}
            label={t.settings.name}
            disabled={!mine}
            value={draft.name}
            maxLength={200}
            error={faultAt(faults, "/name")}
            onChange={(event) => {
              const name = event.currentTarget.value;
              edit((now) => ({ ...now, name }));
            }}
            withAsterisk
          />
          <DatasetField
            value={settings.dataset}
            name={state.results?.dataset?.name}
            foreign={mine ? undefined : nameOf(state.user_id)}
            onChange={(next) => set({ dataset: next })}
            error={faultAt(faults, "/settings/dataset")}
            disabled={frozen}
          />
        </div>
      </Section>
      <SettingsFields
        settings={settings}
        onChange={set}
        faults={told}
        presence={estimate.counted?.entities ?? none}
        adding={adding}
        onAdding={hear}
        disabled={frozen}
        ranker={ranker}
      >
        {priorityField}
      </SettingsFields>
      {!frozen && <Warnings faults={estimate.counted?.warnings ?? []} />}
      {!frozen && (
        <div className={classes.bar}>
          <Text size="sm" c="dimmed" className="tabular">
            {t.settings.summaryEntities(settings.entities.length)}
            {tools && ` · ${t.settings.summaryTools(on.length, tools.length)}`}
            {blind > 0 && ` · ${t.settings.summaryBlind(blind)}`}
            <EstimateText {...estimate} />
          </Text>
          {(settings.entities.length > 0 || settings.dataset) && (
            <TemplateLink to={`/templates/new?from=${encodeURIComponent(id)}`}>
              {t.settings.saveTemplate}
            </TemplateLink>
          )}
          <Button
            size="md"
            leftSection={<Play size={16} aria-hidden />}
            loading={start.isPending}
            onClick={() => start.mutate(autosave)}
          >
            {t.settings.start}
          </Button>
        </div>
      )}
    </Stack>
  );
}

/** What the run would look at, and how long such runs took. Nothing is said that was not counted or measured. */
function EstimateText({ counted, took }: Estimate) {
  if (!counted) return null;
  const [from, to] = took ? [formatDuration(took.from), formatDuration(took.to)] : ["", ""];
  return (
    <Text span inherit display="block" title={own.estimate.title}>
      {counted.rows === null ? own.estimate.notCounted : own.estimate.rows(formatCount(counted.rows))} ·{" "}
      {took ? own.estimate.took(took.runs, from, to) : own.estimate.notMeasured}
    </Text>
  );
}

/** A way to the templates, once the server has what stands here: a template is made of it, or compared with it. */
function TemplateLink({ to, ...look }: ButtonProps & { to: string; children: string }) {
  const { autosave } = useSaving();
  const navigate = useNavigate();
  return (
    <Button
      variant="default"
      {...look}
      onClick={async () => {
        await autosave.flush();
        navigate(to);
      }}
    />
  );
}

/** Starts the run once everything entered is on the server; what hinders it becomes `problems`. */
function useStart(
  id: string,
  draft: Draft,
  agents: Parameters<typeof readiness>[1],
  adding: string,
  /** What the server has against the entities. */
  counted: Fault[],
  urgency: FormDraft<Priority>,
) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [tried, setTried] = useState(false);
  const [fromServer, setFromServer] = useState<Fault[]>(none);

  // what the server refused is told until something is changed
  // biome-ignore lint/correctness/useExhaustiveDependencies: cleared on every change of the draft
  useEffect(() => setFromServer(none), [draft.settings, draft.name]);

  const known = useMemo(
    () => merged(readiness(draft, agents, adding), counted),
    [draft, agents, adding, counted],
  );
  const problems = useMemo(() => (tried ? merged(known, fromServer) : none), [tried, known, fromServer]);
  const start = useMutation({
    mutationFn: async (autosave: ReturnType<typeof useSaving>["autosave"]) => {
      setTried(true);
      if (known.length > 0) return null;
      const saved = await autosave.flush();
      if (saved.kind === "conflict") return null;
      if (saved.kind === "failed") throw new Error(t.settings.saveFirst);
      return begin(id, urgency.value);
    },
    onSuccess: (started) => {
      if (!started) return;
      urgency.forget();
      receive(client, id, started);
      void client.invalidateQueries({ queryKey: ["history"] });
      navigate(`/investigations/${id}/progress`, { state: { driven: true } });
    },
    onError: (error) => {
      if (error instanceof ApiError && error.faults.length > 0) setFromServer(error.faults);
      else notifications.show({ color: "red", title: t.wizard.actFailed.start, message: error.message });
    },
  });
  return { start, problems };
}

/** All faults in the order of the form, each field's from the first who has any against it. */
const merged = (first: Fault[], then: Fault[]) =>
  [...first, ...then.filter(({ pointer }) => !first.some((fault) => fault.pointer === pointer))].sort(
    downTheForm,
  );

/** What the run can be started with, and should be known before: counted by the server, each leading to its field. */
function Warnings({ faults }: { faults: Fault[] }) {
  if (faults.length === 0) return null;
  return (
    <Alert
      role="status"
      color="yellow"
      icon={<TriangleAlert size={18} aria-hidden />}
      title={own.warnings(faults.length)}
    >
      <FaultList faults={faults} />
    </Alert>
  );
}

function FaultList({ faults }: { faults: Fault[] }) {
  return (
    <List size="sm" spacing={2}>
      {faults.map((fault) => (
        <List.Item key={`${fault.pointer} ${fault.code} ${fault.detail}`}>
          <Anchor
            component="button"
            type="button"
            size="sm"
            ta="left"
            style={{ verticalAlign: "top" }} // its bullet stands at the first line
            onClick={() => focusField(fault.pointer)}
          >
            {fieldName(fault.pointer)}: {fault.detail}
          </Anchor>
        </List.Item>
      ))}
    </List>
  );
}

/** Everything that is wrong, in one place, each leading to its field. */
function Problems({ faults }: { faults: Fault[] }) {
  const box = useRef<HTMLDivElement>(null);
  const known = useRef(0);
  useEffect(() => {
    if (known.current === 0 && faults.length > 0) {
      box.current?.scrollIntoView({ block: "center" });
      box.current?.focus({ preventScroll: true });
    }
    known.current = faults.length;
  }, [faults.length]);
  if (faults.length === 0) return null;
  return (
    <Alert
      ref={box}
      tabIndex={-1}
      role="alert"
      color="red"
      icon={<CircleAlert size={18} />}
      title={t.settings.problems(faults.length)}
    >
      <FaultList faults={faults} />
    </Alert>
  );
}

function Frozen({ id, mine }: { id: string; mine: boolean }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: () => rerun(id),
    onSuccess: (next) => {
      void client.invalidateQueries({ queryKey: ["history"] });
      navigate(`/investigations/${next}/settings`);
    },
    onError: (error) =>
      notifications.show({ color: "red", title: t.wizard.rerunFailed, message: error.message }),
  });
  return (
    <Alert color="gray" icon={<Snowflake size={18} />}>
      <Group justify="space-between" gap="sm">
        <Text size="sm">{t.settings.frozen}</Text>
        {mine && (
          <Button
            size="xs"
            variant="default"
            leftSection={<RotateCcw size={14} aria-hidden />}
            loading={again.isPending}
            onClick={() => again.mutate()}
          >
            {t.wizard.rerun}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
