import {
  Alert,
  Button,
  Checkbox,
  Group,
  List,
  Radio,
  Stack,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LayoutTemplate } from "lucide-react";
import { Link, useLocation, useNavigate, useParams, useSearchParams } from "react-router";
import * as z from "zod";
import type { Dataset } from "../../api/dataset";
import { ApiError } from "../../api/problem";
import {
  addTemplate,
  savedOf,
  saveTemplate,
  type TemplateSave,
  templateSave,
  toSave,
} from "../../api/template";
import { t as words } from "../../app/texts";
import { datasetsQuery } from "../../sync/dataset";
import { templateQuery, templateVersionsQuery } from "../../sync/template";
import { useDraft } from "../../sync/useDraft";
import { useFollow } from "../../sync/useFollow";
import { useInvestigation } from "../../sync/useInvestigation";
import { LoadFailed } from "../../ui/Broken";
import { EmptyState } from "../../ui/EmptyState";
import { PageHeader } from "../../ui/PageHeader";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Section } from "../../ui/Section";
import { Instant } from "../../ui/time";
import { Difference } from "./Difference";
import { completed, emptied, hasPlace } from "./describe";
import { NotLoaded } from "./NotLoaded";
import { t } from "./texts";

/** Keeps the settings of the investigation `?from=`, or of a file that was read, as a template. */
export function NewTemplatePage() {
  const from = useSearchParams()[0].get("from") ?? "";
  const location = useLocation();
  const datasets = useQuery(datasetsQuery);
  const read = toSave(location.state);
  if (read && datasets.isPending) return <PageSkeleton />;
  if (read)
    return <Form start={asking(read, datasets.data)} title={t.saveTitle} about={`file ${read.name}`} />;
  return from ? <FromInvestigation id={from} /> : <HowToMake />;
}

function HowToMake() {
  return (
    <EmptyState
      page
      icon={<LayoutTemplate size={36} aria-hidden />}
      title={t.make.title}
      hint={t.make.hint}
      action={
        <Group gap="xs" justify="center">
          <Button component={Link} to="/investigations/new">
            {t.make.start}
          </Button>
          <Button component={Link} to="/" variant="default">
            {t.make.choose}
          </Button>
          <Button component={Link} to="/templates" variant="subtle">
            {t.make.copy}
          </Button>
        </Group>
      }
    />
  );
}

function FromInvestigation({ id }: { id: string }) {
  const state = useInvestigation(id);
  useFollow(id);
  const datasets = useQuery(datasetsQuery);
  if (state.error) return <LoadFailed error={state.error} onRetry={() => state.refetch()} />;
  if (!state.data || datasets.isPending) return <PageSkeleton />;
  const { name, settings } = state.data;
  const start: TemplateSave = {
    name,
    description: "",
    tags: [],
    scope: "private",
    settings,
    placeholders: [],
  };
  return <Form start={asking(start, datasets.data)} title={t.saveTitle} about={`from ${id}`} />;
}

/** Asks for the data set where the settings name one that the user does not have. */
function asking(start: TemplateSave, own: Dataset[] | undefined): TemplateSave {
  const { dataset } = start.settings;
  if (!own || !dataset || asks(start, "/dataset") || own.some(({ id }) => id === dataset)) return start;
  return { ...start, placeholders: [...start.placeholders, datasetPlace] };
}

export function EditTemplatePage() {
  const { id = "" } = useParams();
  const template = useQuery(templateQuery(id));
  if (template.error) return <NotLoaded error={template.error} onRetry={() => template.refetch()} />;
  if (!template.data) return <PageSkeleton />;
  return (
    <Form
      start={savedOf(template.data)}
      title={t.editTitle}
      about={id}
      edited={{ id, version: template.data.version }}
    />
  );
}

type FormProps = {
  start: TemplateSave;
  title: string;
  /** What is kept as a template, or changed: names the draft. */
  about: string;
  edited?: { id: string; version: number };
};

/** What is entered here. The settings are not: they are those of now. */
const entry = z.object({
  form: templateSave.omit({ settings: true }),
  /** Of entities that had none, by the pointers of their places. */
  values: z.record(z.string(), z.string()),
  /** The version that the entries were made from. */
  version: z.number().int(),
});

function Form({ start, title, about, edited }: FormProps) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const { settings: _, ...begun } = start;
  const draft = useDraft(`template ${about}`, entry, {
    form: begun,
    values: {},
    version: edited?.version ?? 0,
  });
  const { values, version } = draft.value;
  const form: TemplateSave = {
    ...draft.value.form,
    settings: completed(start.settings, values),
    placeholders: draft.value.form.placeholders.filter(({ pointer }) => hasPlace(start.settings, pointer)),
  };
  const set = (part: Partial<TemplateSave>) =>
    draft.set((now) => ({ ...now, form: { ...now.form, ...part } }));

  const save = useMutation({
    mutationFn: ({ body, overwrite }: { body: TemplateSave; overwrite: boolean }) =>
      edited ? saveTemplate(edited.id, body, version) : addTemplate(body, overwrite),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["templates"] });
      draft.forget();
      notifications.show({ message: t.saved(made.name) });
      navigate(`/templates/${made.template_id}`, { replace: true });
    },
  });
  const submit = (part: Partial<TemplateSave> = {}, overwrite = false) => {
    const body = { ...form, ...part };
    set(part);
    body.settings = emptied(
      body.settings,
      body.placeholders.map((p) => p.pointer),
    );
    save.mutate({ body, overwrite });
  };

  const refusal = save.error instanceof ApiError ? save.error : null;
  const suggested = refusal?.code === "name_taken" ? refusal.extra("suggested_name", z.string()) : undefined;
  const existing =
    !edited && refusal?.code === "name_taken" ? refusal.extra("existing_template_id", z.string()) : undefined;
  const at = (place: string) => refusal?.faults.find((f) => within(f.pointer, place))?.detail;
  const others = (refusal?.faults ?? []).filter((f) => !fields.some((place) => within(f.pointer, place)));

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md" maw={820} mx="auto">
        <PageHeader
          crumbs={[
            { to: "/templates", label: t.title },
            ...(edited ? [{ to: `/templates/${edited.id}`, label: start.name }] : []),
          ]}
          title={title}
          lead={edited ? undefined : t.saveLead}
        />
        {draft.restored && (
          <Alert color="gray" role="status" title={t.kept.title}>
            {t.kept.hint}
            <Group mt="sm">
              <Button size="xs" variant="default" onClick={draft.forget}>
                {t.kept.forget}
              </Button>
            </Group>
          </Alert>
        )}
        {suggested !== undefined && (
          <Alert color="yellow" role="alert" title={t.taken}>
            {t.takenHint}
            {existing !== undefined && <Replaced id={existing} by={form} />}
            <Group mt="sm" gap="xs">
              <Button size="xs" maw="100%" onClick={() => submit({ name: suggested })}>
                {t.takenRename(suggested)}
              </Button>
              {!edited && (
                <Button size="xs" variant="default" onClick={() => submit({}, true)}>
                  {t.takenOverwrite}
                </Button>
              )}
            </Group>
          </Alert>
        )}
        {edited && refusal?.status === 412 && (
          <Stale
            id={edited.id}
            mine={form}
            onMine={(newest) => {
              draft.set((now) => ({ ...now, version: newest }));
              save.reset();
            }}
            onTheirs={() => {
              draft.forget();
              save.reset();
            }}
          />
        )}
        {refusal?.code === "template_limit" && (
          <Alert color="yellow" role="alert" title={t.failed}>
            {t.limit} <Link to="/templates?mine=true">{t.limitShow}</Link>
          </Alert>
        )}
        {save.error &&
          suggested === undefined &&
          refusal?.status !== 412 &&
          refusal?.code !== "template_limit" && (
            <Alert color="red" role="alert" title={t.failed}>
              {save.error.message}
              {others.length > 0 && (
                <List size="sm" mt={6}>
                  {others.map((fault) => (
                    <List.Item key={fault.pointer + fault.code}>{fault.detail}</List.Item>
                  ))}
                </List>
              )}
            </Alert>
          )}
        <Section title={t.about}>
          <Stack gap="md">
            <TextInput
              label={t.name}
              withAsterisk
              maxLength={200}
              value={form.name}
              error={at("/name")}
              onChange={(event) => set({ name: event.currentTarget.value })}
              data-autofocus
            />
            <Textarea
              label={t.description}
              maxLength={2000}
              autosize
              minRows={2}
              maxRows={8}
              value={form.description}
              error={at("/description")}
              onChange={(event) => set({ description: event.currentTarget.value })}
            />
            <TagsInput
              label={t.tags}
              description={t.tagsHint}
              value={form.tags}
              error={at("/tags")}
              maxTags={20}
              maxLength={40}
              onChange={(tags) => set({ tags })}
            />
          </Stack>
        </Section>
        <Section title={t.ask} hint={t.askHint}>
          <Asked
            form={form}
            onChange={(placeholders) => set({ placeholders })}
            lacking={start.settings.entities.flatMap(({ value }, i) =>
              value === "" ? [`/entities/${i}/value`] : [],
            )}
            values={values}
            onValue={(pointer, value) =>
              draft.set((now) => ({ ...now, values: { ...now.values, [pointer]: value } }))
            }
            wrong={(i) => at(`/placeholders/${i}`)}
          />
        </Section>
        <Section title={t.scope} hint={t.scopeHint}>
          <Radio.Group
            value={form.scope}
            onChange={(scope) => set({ scope: scope === "org" ? "org" : "private" })}
            aria-label={t.scope}
            error={at("/scope")}
          >
            <Stack gap="xs">
              <Radio value="private" label={t.scopes.private} />
              <Radio value="org" label={t.scopes.org} />
            </Stack>
          </Radio.Group>
          {form.scope === "org" && form.settings.dataset && !asks(form, "/dataset") && (
            <Alert color="yellow" role="status" mt="md" title={t.ownData}>
              {t.ownDataHint}
              <Group mt="sm">
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => set({ placeholders: [...form.placeholders, datasetPlace] })}
                >
                  {t.ownDataAsk}
                </Button>
              </Group>
            </Alert>
          )}
        </Section>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => navigate(-1)}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={form.name.trim() === ""}>
            {t.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type StaleProps = {
  id: string;
  mine: TemplateSave;
  onMine: (newest: number) => void;
  onTheirs: () => void;
};

/** What would be lost where a template of the same name is replaced. */
function Replaced({ id, by }: { id: string; by: TemplateSave }) {
  const old = useQuery({ ...templateQuery(id), staleTime: 0 });
  return old.data ? (
    <Difference from={savedOf(old.data)} to={by} fromTitle={t.sides.old} toTitle={t.sides.mine} />
  ) : null;
}

/** Somebody else saved first: what changed since, and whose is to be kept. */
function Stale({ id, mine, onMine, onTheirs }: StaleProps) {
  const newest = useQuery({ ...templateQuery(id), staleTime: 0 });
  const versions = useQuery({ ...templateVersionsQuery(id), staleTime: 0 });
  const last = versions.data?.[0];
  const ready = newest.data !== undefined && !newest.isFetching;
  return (
    <Alert color="yellow" role="alert" title={t.staleTitle}>
      {t.staleHint}
      {last && (
        <Text size="sm" mt={6}>
          {t.version(last.version)} · <Instant at={last.at} /> · {t.by(last.by)}
        </Text>
      )}
      {newest.data && (
        <Difference from={savedOf(newest.data)} to={mine} fromTitle={t.sides.theirs} toTitle={t.sides.mine} />
      )}
      <Group mt="sm" gap="xs">
        <Button size="xs" disabled={!ready} onClick={() => newest.data && onMine(newest.data.version)}>
          {t.staleMine}
        </Button>
        <Button size="xs" variant="default" disabled={!ready} onClick={onTheirs}>
          {t.staleTheirs}
        </Button>
      </Group>
    </Alert>
  );
}

/** The places of a save that have a field here. */
const fields = ["/name", "/description", "/tags", "/placeholders", "/scope"];
const within = (pointer: string, place: string) => pointer === place || pointer.startsWith(`${place}/`);

const asks = ({ placeholders }: TemplateSave, pointer: string) =>
  placeholders.some((p) => p.pointer === pointer);

type AskedProps = {
  form: TemplateSave;
  onChange: (placeholders: TemplateSave["placeholders"]) => void;
  /** Places that have no value: what is not asked for there is given here. */
  lacking: string[];
  values: Record<string, string>;
  onValue: (pointer: string, value: string) => void;
  /** What the server has against a placeholder, by its number. */
  wrong: (i: number) => string | undefined;
};

const datasetPlace = { name: "dataset", pointer: "/dataset", label: t.askDataset };

/** Which places of the settings are asked for at load, and in what words. */
function Asked({ form, onChange, lacking, values, onValue, wrong }: AskedProps) {
  const places = [
    datasetPlace,
    { name: "time_range", pointer: "/time_range", label: t.askRange },
    ...form.settings.entities.map((entity, i) => ({
      name: `entity_${i + 1}`,
      pointer: `/entities/${i}/value`,
      label: t.askEntity(words.entityType[entity.type].toLowerCase()),
    })),
  ];
  return (
    <Stack gap="sm">
      {places.map((place) => {
        const held = form.placeholders.find((p) => p.pointer === place.pointer);
        const others = form.placeholders.filter((p) => p.pointer !== place.pointer);
        return (
          <Group key={place.pointer} gap="sm" align="flex-start">
            <Checkbox
              label={place.label}
              checked={held !== undefined}
              onChange={(event) => onChange(event.currentTarget.checked ? [...others, place] : others)}
            />
            {held && (
              <TextInput
                size="xs"
                aria-label={`${t.label}: ${place.label}`}
                value={held.label}
                error={wrong(form.placeholders.indexOf(held))}
                maxLength={200}
                style={{ flex: "1 1 220px" }}
                onChange={(event) =>
                  onChange(
                    form.placeholders.map((p) =>
                      p.pointer === place.pointer ? { ...p, label: event.currentTarget.value } : p,
                    ),
                  )
                }
              />
            )}
            {!held && lacking.includes(place.pointer) && (
              <TextInput
                size="xs"
                aria-label={t.valueOf(place.label)}
                placeholder={t.valueHint}
                required
                value={values[place.pointer] ?? ""}
                maxLength={320}
                style={{ flex: "1 1 220px" }}
                onChange={(event) => onValue(place.pointer, event.currentTarget.value)}
              />
            )}
          </Group>
        );
      })}
    </Stack>
  );
}
