import { Alert, Button, Group, NumberInput, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, Pencil, Play } from "lucide-react";
import type { ReactNode } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import * as z from "zod";
import { createInvestigation, type Investigation, saveDraft, timeRange } from "../../api/investigation";
import { ApiError } from "../../api/problem";
import { applyTemplate, type Placeholder, type Template } from "../../api/template";
import { datasetsQuery } from "../../sync/dataset";
import { settingsFields } from "../../sync/draft";
import { receive } from "../../sync/known";
import { templateQuery } from "../../sync/template";
import { useDraft } from "../../sync/useDraft";
import { useInvestigation } from "../../sync/useInvestigation";
import { LoadFailed } from "../../ui/Broken";
import { PageHeader } from "../../ui/PageHeader";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Section } from "../../ui/Section";
import { fromWall, Instant, shownZone, toWall } from "../../ui/time";
import { BackTest } from "./BackTest";
import { changedFields, describe, known, preview } from "./describe";
import { NotLoaded } from "./NotLoaded";
import { TemplateMenu, useTemplateActs } from "./TemplateActs";
import classes from "./templates.module.css";
import { t } from "./texts";
import { useCalled } from "./useCalled";
import { Versions } from "./Versions";

/** One template: what it sets, what it asks for, what it was. With `?for=` it is loaded into that investigation. */
export function TemplatePage() {
  const { id = "" } = useParams();
  const into = useSearchParams()[0].get("for") ?? "";
  const template = useQuery(templateQuery(id));
  if (template.error) return <NotLoaded error={template.error} onRetry={() => template.refetch()} />;
  if (!template.data) return <PageSkeleton />;
  return into ? <Into template={template.data} id={into} /> : <Loader template={template.data} />;
}

/** Waits for the investigation that the template is loaded into. */
function Into({ template, id }: { template: Template; id: string }) {
  const state = useInvestigation(id);
  if (state.error) return <LoadFailed error={state.error} onRetry={() => state.refetch()} />;
  return state.data ? <Loader template={template} into={state.data} /> : <PageSkeleton />;
}

const given = z.record(z.string(), z.unknown());

function Loader({ template, into }: { template: Template; into?: Investigation }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const names = useCalled();
  // what the investigation has already need not be asked again
  const {
    value: values,
    set,
    forget,
  } = useDraft(
    `load ${template.template_id} ${into?.investigation_id ?? ""}`,
    given,
    into ? known(into.settings, template.settings, template.placeholders) : {},
  );

  const load = useMutation({
    mutationFn: async () => {
      const settings = await applyTemplate(template.template_id, values);
      if (!into)
        return createInvestigation({ name: template.name, template_id: template.template_id, settings });
      const draft = { name: into.name, wizard_step: into.wizard_step, settings };
      return (await saveDraft(into.investigation_id, draft, into.version)).saved;
    },
    onSuccess: (loaded) => {
      const { state } = loaded;
      forget();
      receive(client, state.investigation_id, loaded);
      void client.invalidateQueries({ queryKey: ["history"] });
      void client.invalidateQueries({ queryKey: ["templates"] });
      notifications.show({ message: t.loaded(template.name) });
      navigate(`/investigations/${state.investigation_id}/settings`);
    },
    onError: (error) => {
      if (faultsOf(error).length > 0) return;
      notifications.show({ color: "red", title: t.failed, message: error.message });
    },
  });

  const faults = faultsOf(load.error);
  const wrong = (name: string) =>
    faults.find(({ pointer }) => pointer.startsWith("/values/") && pointer.split("/")[2] === name)?.detail;
  const others = faults.filter(
    ({ pointer }) => !template.placeholders.some(({ name }) => pointer.split("/")[2] === name),
  );
  const missing = template.placeholders.some(({ name }) => !isGiven(values[name]));
  const frozen = into !== undefined && into.status !== "draft";
  const then = preview(template.settings, template.placeholders, values);
  const changed = into ? changedFields(into.settings, then) : [];
  const asked = template.placeholders.filter((p) => !values[p.name]).map((p) => p.pointer);

  return (
    <Stack gap="md" maw={1100} mx="auto">
      <PageHeader
        crumbs={
          into
            ? [
                {
                  to: `/investigations/${encodeURIComponent(into.investigation_id)}/settings`,
                  label: into.name,
                },
                { to: `/templates?for=${encodeURIComponent(into.investigation_id)}`, label: t.loadTitle },
              ]
            : [{ to: "/templates", label: t.title }]
        }
        title={template.name}
        lead={template.description}
        actions={!into && <Acts template={template} />}
      />
      {!template.built_in && (
        <Text size="xs" c="dimmed" mt={-8}>
          {t.facts(template.scope, template.user_id, template.usage_count)}{" "}
          {template.last_used_at && (
            <>
              {t.lastUsed} <Instant at={template.last_used_at} />.
            </>
          )}
        </Text>
      )}
      {frozen && <Alert color="gray">{t.frozen}</Alert>}
      <Section title={t.asks}>
        {template.placeholders.length === 0 && <Text size="sm">{t.asksNothing}</Text>}
        <Stack gap="sm" maw={520}>
          {template.placeholders.map((place) => (
            <PlaceField
              key={place.name}
              place={place}
              value={values[place.name]}
              wrong={wrong(place.name)}
              onChange={(value) => set((now) => ({ ...now, [place.name]: value }))}
            />
          ))}
        </Stack>
        {others.length > 0 && (
          <Alert color="red" role="alert" title={t.failed} mt="md">
            {others.map(({ pointer, detail }) => (
              <Text size="sm" key={pointer}>
                {detail}
              </Text>
            ))}
          </Alert>
        )}
        <Group mt="md">
          <Button
            leftSection={<Play size={15} aria-hidden />}
            disabled={missing || frozen}
            loading={load.isPending}
            onClick={() => load.mutate()}
          >
            {into ? t.load : t.start}
          </Button>
        </Group>
      </Section>
      <Section title={into ? t.changes : t.what}>
        {into && changed.length === 0 ? (
          <Text size="sm">{t.changesNothing}</Text>
        ) : (
          <Table.ScrollContainer minWidth={into ? 480 : 0} type="native" tabIndex={0}>
            <Table className={classes.sets}>
              <colgroup>
                <col width={130} />
                {into && <col width="40%" />}
                <col />
              </colgroup>
              {into && (
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th />
                    <Table.Th>{t.now}</Table.Th>
                    <Table.Th>{t.after}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
              )}
              <Table.Tbody>
                {(into ? changed : settingsFields).map((field) => (
                  <Table.Tr key={field}>
                    <Table.Th scope="row">{t.field[field]}</Table.Th>
                    {into && <Lines lines={describe(into.settings, field, names)} />}
                    <Lines lines={describe(then, field, names, asked)} />
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Section>
      {!into && <BackTest template={template} />}
      {!template.built_in && !into && <Versions template={template} />}
    </Stack>
  );
}

const Lines = ({ lines }: { lines: string[] }): ReactNode => (
  <Table.Td className={classes.wrap}>
    {lines.map((line) => (
      <Text size="sm" key={line}>
        {line}
      </Text>
    ))}
  </Table.Td>
);

const faultsOf = (error: Error | null) => (error instanceof ApiError ? error.faults : []);

/** Whether there is something to send for a placeholder. */
function isGiven(value: unknown): boolean {
  const range = timeRange.safeParse(value).data;
  return range
    ? range.preset !== undefined || (range.start !== undefined && range.end !== undefined)
    : value !== undefined && value !== "";
}

type PlaceProps = {
  place: Placeholder;
  value: unknown;
  /** What the server has against the value. */
  wrong: string | undefined;
  onChange: (value: unknown) => void;
};

/** Asks for one placeholder, with the control that fits its place. */
function PlaceField({ place, value, wrong, onChange }: PlaceProps) {
  const datasets = useQuery({ ...datasetsQuery, enabled: place.pointer === "/dataset" });
  switch (place.pointer) {
    case "/dataset":
      return (
        <Select
          label={place.label}
          withAsterisk
          searchable
          data={(datasets.data ?? []).map((d) => ({ value: d.id, label: d.name }))}
          value={typeof value === "string" ? value : null}
          error={wrong}
          onChange={(next) => onChange(next ?? undefined)}
        />
      );
    case "/time_range":
      return <RangeField place={place} value={value} wrong={wrong} onChange={onChange} />;
    case "/risk_threshold":
      return (
        <NumberInput
          label={place.label}
          withAsterisk
          min={0}
          max={100}
          value={typeof value === "number" ? value : ""}
          error={wrong}
          onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
        />
      );
    default:
      return (
        <TextInput
          label={place.label}
          withAsterisk
          maxLength={320}
          value={typeof value === "string" ? value : ""}
          error={wrong}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

const custom = "custom";

/** A preset, or a moment and another. */
function RangeField({ place, value, wrong, onChange }: PlaceProps) {
  const range = timeRange.safeParse(value).data;
  const side = (which: "start" | "end") => (
    <TextInput
      type="datetime-local"
      label={t.range[which]}
      withAsterisk
      value={range?.[which] ? toWall(range[which]).slice(0, 16).replace(" ", "T") : ""}
      onChange={(event) => {
        const at = fromWall(event.currentTarget.value)?.toISOString();
        const { [which]: _, ...rest } = range ?? {};
        onChange(at ? { ...rest, [which]: at } : rest);
      }}
    />
  );
  return (
    <Stack gap="xs">
      <Select
        label={place.label}
        withAsterisk
        data={[
          ...Object.entries(t.preset).map(([preset, label]) => ({ value: preset, label })),
          { value: custom, label: t.range.custom },
        ]}
        value={range ? (range.preset ?? custom) : null}
        error={wrong}
        onChange={(choice) => onChange(choice === custom ? {} : choice ? { preset: choice } : undefined)}
      />
      {range && !range.preset && (
        <Group gap="sm" align="flex-end">
          {side("start")}
          {side("end")}
          <Text size="xs" c="dimmed">
            {t.range.zone(shownZone())}
          </Text>
        </Group>
      )}
    </Stack>
  );
}

function Acts({ template }: { template: Template }) {
  const acts = useTemplateActs(template);
  return (
    <>
      {acts.mayChange && (
        <Button variant="default" leftSection={<Pencil size={15} aria-hidden />} onClick={acts.edit}>
          {t.edit}
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<Copy size={15} aria-hidden />}
        loading={acts.duplicating}
        onClick={acts.duplicate}
      >
        {t.duplicate}
      </Button>
      <TemplateMenu template={template} />
    </>
  );
}
