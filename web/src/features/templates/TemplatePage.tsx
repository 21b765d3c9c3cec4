import { Alert, Button, Group, List, Stack, Table, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, Pencil, Play } from "lucide-react";
import type { ReactNode } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import * as z from "zod";
import {
  createInvestigation,
  getInvestigation,
  type Investigation,
  investigation,
  type Settings,
  saveDraft,
} from "../../api/investigation";
import { ApiError } from "../../api/problem";
import { applyTemplate, type Template } from "../../api/template";
import { datasetsQuery } from "../../sync/dataset";
import { same, settingsFields } from "../../sync/draft";
import { receive } from "../../sync/known";
import { useWrites } from "../../sync/rights";
import { useMe } from "../../sync/session";
import { templateQuery } from "../../sync/template";
import { useDraft } from "../../sync/useDraft";
import { useFollow } from "../../sync/useFollow";
import { useInvestigation } from "../../sync/useInvestigation";
import { seen } from "../../sync/visit";
import { LoadFailed } from "../../ui/Broken";
import { Gone } from "../../ui/Gone";
import { PageHeader } from "../../ui/PageHeader";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Section } from "../../ui/Section";
import { Instant } from "../../ui/time";
import { tellUndoable } from "../../ui/undo";
import { BackTest } from "./BackTest";
import { changedFields, describe, known, preview } from "./describe";
import { NotLoaded } from "./NotLoaded";
import { DatasetChoice, isGiven, PlaceField } from "./PlaceField";
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
  useFollow(id);
  if (state.error instanceof ApiError && state.error.status === 404) return <Gone />;
  if (state.error) return <LoadFailed error={state.error} onRetry={() => state.refetch()} />;
  return state.data ? <Loader template={template} into={state.data} /> : <PageSkeleton />;
}

const given = z.object({
  values: z.record(z.string(), z.unknown()),
  /** What is taken where the template names a data set that the user does not have. */
  dataset: z.string().optional(),
});

function Loader({ template, into }: { template: Template; into?: Investigation }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const names = useCalled();
  // what the investigation has already need not be asked again
  const { value, set, forget } = useDraft(
    `load ${template.template_id} ${into?.investigation_id ?? ""}`,
    given,
    into
      ? {
          values: known(into.settings, template.settings, template.placeholders),
          dataset: into.settings.dataset,
        }
      : { values: {} },
  );
  const { values, dataset } = value;
  const own = useQuery(datasetsQuery).data;
  const strange =
    own !== undefined &&
    template.settings.dataset !== undefined &&
    !own.some(({ id }) => id === template.settings.dataset);

  const me = useMe().data?.id;
  const writes = useWrites();
  const undo = useUndoLoad();
  const load = useMutation({
    mutationFn: async () => {
      const id = template.template_id;
      const how = { values, overrides: strange ? { dataset: dataset ?? "" } : undefined };
      const settings = await applyTemplate(id, { ...how, preview: true });
      const loaded = into
        ? (
            await saveDraft(
              into.investigation_id,
              { name: into.name, wizard_step: into.wizard_step, settings },
              into.version,
            )
          ).saved
        : await createInvestigation({ name: template.name, template_id: id, settings });
      await applyTemplate(id, how).catch(() => null); // it is loaded, also where the use cannot be counted
      return { loaded, before: into?.settings };
    },
    onSuccess: ({ loaded, before }) => {
      const { state } = loaded;
      forget();
      receive(client, state.investigation_id, loaded);
      void client.invalidateQueries({ queryKey: ["history"] });
      void client.invalidateQueries({ queryKey: ["templates"] });
      if (before) {
        if (me) seen(me, state); // that the settings are others is no news to who loaded them
        tellUndoable(t.loaded(template.name), () => undo.mutateAsync({ before, loaded: state }));
      } else notifications.show({ message: t.loaded(template.name) });
      navigate(`/investigations/${state.investigation_id}/settings`);
    },
    onError: (error) => {
      const current = error instanceof ApiError ? error.extra("current", investigation) : undefined;
      if (current) receive(client, current.investigation_id, { state: current });
      if (current || faultsOf(error).length > 0) return;
      notifications.show({ color: "red", title: t.failed, message: error.message });
    },
  });

  const faults = faultsOf(load.error);
  const overtaken = load.error instanceof ApiError && load.error.status === 412;
  const wrong = (name: string) =>
    faults.find(({ pointer }) => pointer.startsWith("/values/") && pointer.split("/")[2] === name)?.detail;
  const others = faults.filter(
    ({ pointer }) =>
      pointer !== "/overrides/dataset" &&
      !template.placeholders.some(({ name }) => pointer.split("/")[2] === name),
  );
  const missing = template.placeholders.some(({ name }) => !isGiven(values[name]));
  const frozen = into !== undefined && into.status !== "draft";
  const then = preview(template.settings, template.placeholders, values);
  if (strange) then.dataset = dataset;
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
          {t.facts(template.scope, template.user_id, template.user_id === me, template.usage_count)}{" "}
          {template.last_used_at && (
            <>
              {t.lastUsed} <Instant at={template.last_used_at} />.
            </>
          )}
        </Text>
      )}
      {frozen && <Alert color="gray">{t.frozen}</Alert>}
      {writes ? (
        <Section title={t.asks}>
          {template.placeholders.length === 0 && !strange && <Text size="sm">{t.asksNothing}</Text>}
          <Stack gap="sm" maw={520} className={classes.wrap}>
            {template.placeholders.map((place) => (
              <PlaceField
                key={place.name}
                place={place}
                value={values[place.name]}
                wrong={wrong(place.name)}
                onChange={(next) => set((now) => ({ ...now, values: { ...now.values, [place.name]: next } }))}
              />
            ))}
            {strange && (
              <DatasetChoice
                label={t.field.dataset}
                hint={t.strangeDataset}
                value={dataset}
                wrong={faults.find(({ pointer }) => pointer === "/overrides/dataset")?.detail}
                onChange={(id) => set((now) => ({ ...now, dataset: id }))}
              />
            )}
          </Stack>
          {overtaken && (
            <Alert color="yellow" role="alert" title={t.overtaken} mt="md">
              {t.overtakenHint}
            </Alert>
          )}
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
      ) : (
        <Section title={t.asks}>
          {template.placeholders.length === 0 && <Text size="sm">{t.asksNothing}</Text>}
          <List size="sm" className={classes.wrap}>
            {template.placeholders.map(({ name, label }) => (
              <List.Item key={name}>{label}</List.Item>
            ))}
          </List>
        </Section>
      )}
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
      {!into && writes && <BackTest template={template} />}
      {!template.built_in && !into && <Versions template={template} />}
    </Stack>
  );
}

/** Puts back the settings that a template was loaded over, unless somebody has gone on from it. */
function useUndoLoad() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ before, loaded }: { before: Settings; loaded: Investigation }) => {
      const id = loaded.investigation_id;
      const { state } = await getInvestigation(id);
      if (!same(state.settings, loaded.settings)) throw new Error(t.loadMovedOn);
      const draft = { name: state.name, wizard_step: state.wizard_step, settings: before };
      receive(client, id, (await saveDraft(id, draft, state.version)).saved);
    },
    onSuccess: () => notifications.show({ message: t.loadUndone }),
    onError: (error) =>
      notifications.show({
        color: "red",
        title: t.failed,
        message: error instanceof ApiError && error.status === 412 ? t.loadMovedOn : error.message,
      }),
  });
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

function Acts({ template }: { template: Template }) {
  const acts = useTemplateActs(template);
  return (
    <>
      {acts.mayChange && (
        <Button variant="default" leftSection={<Pencil size={15} aria-hidden />} onClick={acts.edit}>
          {t.edit}
        </Button>
      )}
      {acts.mayCopy && (
        <Button
          variant="default"
          leftSection={<Copy size={15} aria-hidden />}
          loading={acts.duplicating}
          onClick={acts.duplicate}
        >
          {t.duplicate}
        </Button>
      )}
      <TemplateMenu template={template} />
    </>
  );
}
