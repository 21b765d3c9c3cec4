import { Alert, Button, Group, Radio, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LayoutTemplate } from "lucide-react";
import { type ComponentType, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useLocation, useNavigate, useParams, useSearchParams } from "react-router";
import * as z from "zod";
import type { Dataset } from "../../api/dataset";
import { type Settings, settings as settingsShape } from "../../api/investigation";
import { ApiError, type Fault } from "../../api/problem";
import {
  addTemplate,
  savedOf,
  saveTemplate,
  type Template,
  type TemplateSave,
  templateSave,
  toSave,
} from "../../api/template";
import { t as words } from "../../app/texts";
import { datasetsQuery } from "../../sync/dataset";
import { useMe } from "../../sync/session";
import { templateQuery } from "../../sync/template";
import { useDraft } from "../../sync/useDraft";
import { useFollow } from "../../sync/useFollow";
import { useInvestigation } from "../../sync/useInvestigation";
import { LoadFailed } from "../../ui/Broken";
import { EmptyState } from "../../ui/EmptyState";
import { Gone } from "../../ui/Gone";
import { PageHeader } from "../../ui/PageHeader";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Section } from "../../ui/Section";
import { Asked, asks, datasetPlace } from "./Asked";
import { Difference } from "./Difference";
import { completed, emptied, hasPlace, moved } from "./describe";
import { NotLoaded } from "./NotLoaded";
import { NotSaved, within } from "./NotSaved";
import { DatasetChoice } from "./PlaceField";
import { mayChange } from "./TemplateActs";
import classes from "./templates.module.css";
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
  if (state.error instanceof ApiError && state.error.status === 404) return <Gone />;
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

/** The fields of settings, which are those of an investigation. */
export type SettingsEditor = ComponentType<{
  settings: Settings;
  onChange: (change: Partial<Settings>) => void;
  faults: Fault[];
  adding: string;
  onAdding: (text: string) => void;
  asked: readonly string[];
}>;

/** Changes a template, its settings too. */
export function EditTemplatePage({ editor }: { editor: SettingsEditor }) {
  const { id = "" } = useParams();
  const template = useQuery(templateQuery(id));
  const me = useMe().data;
  if (template.error) return <NotLoaded error={template.error} onRetry={() => template.refetch()} />;
  if (!template.data) return <PageSkeleton />;
  if (me && !mayChange(template.data, me)) {
    return (
      <EmptyState
        page
        title={template.data.built_in ? t.fixed : t.notYours}
        hint={template.data.built_in ? t.fixedHint : t.notYoursHint}
        action={
          <Button component={Link} to={`/templates/${encodeURIComponent(id)}`}>
            {t.notYoursShow}
          </Button>
        }
      />
    );
  }
  return (
    <Form
      start={savedOf(template.data)}
      title={t.editTitle}
      about={id}
      edited={{ template: template.data, editor }}
    />
  );
}

type FormProps = {
  start: TemplateSave;
  title: string;
  /** What is kept as a template, or changed: names the draft. */
  about: string;
  edited?: { template: Template; editor: SettingsEditor };
};

/** What a save may replace: a template of the same name, or a version that is newer than the one that the entries were made from. */
type How = { overwrite?: boolean; over?: number };

/** What is entered here. */
const entry = z.object({
  form: templateSave.omit({ settings: true }),
  /** Where they were changed here; what is kept as a template has those of its investigation, as they are now. */
  settings: settingsShape.optional(),
  /** Typed as an entity and not added yet. */
  adding: z.string().optional(),
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
    version: edited?.template.version ?? 0,
  });
  const { values, version, adding = "" } = draft.value;
  const settings = draft.value.settings ?? completed(start.settings, values);
  const form: TemplateSave = {
    ...draft.value.form,
    settings,
    placeholders: draft.value.form.placeholders.filter(({ pointer }) => hasPlace(settings, pointer)),
  };
  const asked = form.placeholders.map(({ pointer }) => pointer);
  const set = (part: Partial<Omit<TemplateSave, "settings">>) =>
    draft.set((now) => ({ ...now, form: { ...now.form, ...part } }));
  const setSettings = (change: Partial<Settings>) =>
    draft.set((now) => {
      const before = now.settings ?? start.settings;
      const after = { ...before, ...change };
      return {
        ...now,
        settings: after,
        form: { ...now.form, placeholders: moved(now.form.placeholders, before.entities, after.entities) },
      };
    });
  const [tried, setTried] = useState(false);
  const unsettled = edited && tried ? lacks(settings, asked, adding) : [];

  const save = useMutation({
    mutationFn: ({ body, overwrite = false, over = version }: { body: TemplateSave } & How) =>
      edited ? saveTemplate(edited.template.template_id, body, over) : addTemplate(body, overwrite),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["templates"] });
      draft.forget();
      notifications.show({ message: t.saved(made.name) });
      navigate(`/templates/${made.template_id}`, { replace: true });
    },
  });
  const submit = (part: Partial<TemplateSave> = {}, how: How = {}) => {
    setTried(true);
    if (edited && lacks(settings, asked, adding).length > 0) return;
    const { settings: given = settings, ...told } = part;
    set(told);
    const body = { ...form, ...told };
    save.mutate({
      body: {
        ...body,
        settings: emptied(
          given,
          body.placeholders.map((p) => p.pointer),
        ),
      },
      ...how,
    });
  };

  const refusal = save.error instanceof ApiError ? save.error : null;
  const at = (place: string) => refusal?.faults.find((f) => within(f.pointer, place))?.detail;

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
            ...(edited ? [{ to: `/templates/${edited.template.template_id}`, label: start.name }] : []),
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
        <About form={form} onChange={set} at={at} />
        {edited && (
          <>
            <Section title={t.field.dataset}>
              {asked.includes("/dataset") ? (
                <Text size="sm">{t.askedEach}</Text>
              ) : (
                <DatasetChoice
                  label={t.field.dataset}
                  hint={t.datasetOpen}
                  value={settings.dataset}
                  wrong={at("/settings/dataset")}
                  onChange={(dataset) => setSettings({ dataset })}
                />
              )}
            </Section>
            {/* biome-ignore lint/a11y/noStaticElementInteractions: Enter in one of its fields must not send the form */}
            <div className={classes.fields} onKeyDown={keepEnter}>
              <edited.editor
                settings={settings}
                onChange={setSettings}
                faults={[...unsettled, ...(refusal?.faults ?? [])]}
                adding={adding}
                onAdding={(text) => draft.set((now) => ({ ...now, adding: text || undefined }))}
                asked={asked}
              />
            </div>
          </>
        )}
        <Section title={t.ask} hint={t.askHint}>
          <Asked
            form={form}
            onChange={(placeholders) => set({ placeholders })}
            lacking={
              edited
                ? []
                : start.settings.entities.flatMap(({ value }, i) =>
                    value === "" ? [`/entities/${i}/value`] : [],
                  )
            }
            values={values}
            onValue={(pointer, value) =>
              draft.set((now) => ({ ...now, values: { ...now.values, [pointer]: value } }))
            }
            wrong={(i) => at(`/placeholders/${i}`)}
          />
        </Section>
        <Scope form={form} onChange={set} at={at} />
        {edited && (
          <Section title={t.changes}>
            <Difference
              from={savedOf(edited.template)}
              to={form}
              fromTitle={t.sides.theirs}
              toTitle={t.sides.mine}
            />
          </Section>
        )}
        {unsettled.length > 0 && (
          <Alert color="red" role="alert" title={t.unsettled}>
            {unsettled.map(({ pointer, detail }) => (
              <Text size="sm" key={pointer}>
                {detail}
              </Text>
            ))}
          </Alert>
        )}
        {save.error && (
          <Arrival>
            <NotSaved
              error={save.error}
              mine={form}
              start={start}
              edited={edited?.template.template_id}
              shown={edited ? [...fields, "/settings"] : fields}
              onName={(name) => submit({ name })}
              onReplace={(whole) => submit(whole, { overwrite: true })}
              onMine={(newest) => {
                draft.set((now) => ({ ...now, version: newest }));
                submit({}, { over: newest });
              }}
              onTheirs={() => {
                draft.forget();
                save.reset();
              }}
            />
          </Arrival>
        )}
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

type PartProps = {
  form: TemplateSave;
  onChange: (part: Partial<Omit<TemplateSave, "settings">>) => void;
  /** What the server has against a place of the save. */
  at: (place: string) => string | undefined;
};

/** What it is called and what it is for. */
function About({ form, onChange, at }: PartProps) {
  return (
    <Section title={t.about}>
      <Stack gap="md">
        <TextInput
          label={t.name}
          withAsterisk
          maxLength={200}
          value={form.name}
          error={at("/name")}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
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
          onChange={(event) => onChange({ description: event.currentTarget.value })}
        />
        <TagsInput
          label={t.tags}
          description={t.tagsHint}
          value={form.tags}
          error={at("/tags")}
          maxTags={20}
          maxLength={40}
          onChange={(tags) => onChange({ tags })}
        />
      </Stack>
    </Section>
  );
}

/** Who may load it. */
function Scope({ form, onChange, at }: PartProps) {
  return (
    <Section title={t.scope} hint={t.scopeHint}>
      <Radio.Group
        value={form.scope}
        onChange={(scope) => onChange({ scope: scope === "org" ? "org" : "private" })}
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
              onClick={() => onChange({ placeholders: [...form.placeholders, datasetPlace] })}
            >
              {t.ownDataAsk}
            </Button>
          </Group>
        </Alert>
      )}
    </Section>
  );
}

/** What keeps a template from being saved that the server would take. */
function lacks({ entities }: Settings, asked: string[], adding: string): Fault[] {
  const faults = entities.flatMap(({ value, type }, i) =>
    value.trim() === "" && !asked.includes(`/entities/${i}/value`)
      ? [
          {
            pointer: `/settings/entities/${i}/value`,
            code: "required",
            detail: t.lacksValue(words.entityType[type]),
          },
        ]
      : [],
  );
  if (adding.trim() !== "")
    faults.push({ pointer: "/settings/entities", code: "not_added", detail: t.notAdded(adding.trim()) });
  return faults;
}

/** Leads the focus to what has just come, and keeps it in view while it grows. */
function Arrival({ children }: { children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const here = place.current;
    if (!here) return;
    here.focus();
    const grown = new ResizeObserver(() => here.scrollIntoView({ block: "nearest" }));
    grown.observe(here);
    return () => grown.disconnect();
  }, []);
  return (
    <div ref={place} tabIndex={-1}>
      {children}
    </div>
  );
}

function keepEnter(event: KeyboardEvent) {
  if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
}

/** The places of a save that have a field here. */
const fields = ["/name", "/description", "/tags", "/placeholders", "/scope"];
