import {
  Alert,
  Button,
  Group,
  Menu,
  NumberInput,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, Download, EllipsisVertical, Pencil, Play, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { createInvestigation, type Investigation, saveDraft } from "../../api/investigation";
import {
  applyTemplate,
  deleteTemplate,
  duplicateTemplate,
  type Placeholder,
  type Template,
  toFile,
  undeleteTemplate,
} from "../../api/template";
import { datasetsQuery } from "../../sync/dataset";
import { receive } from "../../sync/known";
import { useMe } from "../../sync/session";
import { templateQuery } from "../../sync/template";
import { useInvestigation } from "../../sync/useInvestigation";
import { LoadFailed } from "../../ui/Broken";
import { PageHeader } from "../../ui/PageHeader";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Section } from "../../ui/Section";
import { fileNameOf, saveAs } from "../../ui/save";
import { changedFields, describe, fields, preview } from "./describe";
import classes from "./templates.module.css";
import { t } from "./texts";
import { Versions } from "./Versions";

/** One template: what it sets, what it asks for, what it was. With `?for=` it is loaded into that investigation. */
export function TemplatePage() {
  const { id = "" } = useParams();
  const into = useSearchParams()[0].get("for") ?? "";
  const template = useQuery(templateQuery(id));
  if (template.error) return <LoadFailed error={template.error} onRetry={() => template.refetch()} />;
  if (!template.data) return <PageSkeleton />;
  return into ? <Into template={template.data} id={into} /> : <Loader template={template.data} />;
}

/** Waits for the investigation that the template is loaded into. */
function Into({ template, id }: { template: Template; id: string }) {
  const state = useInvestigation(id);
  if (state.error) return <LoadFailed error={state.error} onRetry={() => state.refetch()} />;
  return state.data ? <Loader template={template} into={state.data} /> : <PageSkeleton />;
}

function Loader({ template, into }: { template: Template; into?: Investigation }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  // what the investigation has already need not be asked again
  const [values, setValues] = useState<Record<string, unknown>>(() => {
    const asked = template.placeholders.find((p) => p.pointer === "/dataset");
    const known = into?.settings.dataset;
    return asked && known ? { [asked.name]: known } : {};
  });

  const load = useMutation({
    mutationFn: async () => {
      const settings = await applyTemplate(template.template_id, values);
      if (!into)
        return createInvestigation({ name: template.name, template_id: template.template_id, settings });
      const draft = { name: into.name, wizard_step: into.wizard_step, settings };
      return (await saveDraft(into.investigation_id, draft, into.version)).saved;
    },
    onSuccess: (state) => {
      receive(client, state.investigation_id, { state });
      void client.invalidateQueries({ queryKey: ["history"] });
      void client.invalidateQueries({ queryKey: ["templates"] });
      notifications.show({ message: t.loaded(template.name) });
      navigate(`/investigations/${state.investigation_id}/settings`);
    },
    onError: (error) => notifications.show({ color: "red", title: t.failed, message: error.message }),
  });

  const missing = template.placeholders.some((p) => values[p.name] === undefined || values[p.name] === "");
  const frozen = into !== undefined && into.status !== "draft";
  const then = preview(template.settings, template.placeholders, values);
  const changed = into ? changedFields(into.settings, then) : [];
  const asked = template.placeholders.filter((p) => !values[p.name]).map((p) => p.pointer);

  return (
    <Stack gap="md" maw={1100} mx="auto">
      <PageHeader title={template.name} lead={template.description} actions={<Acts template={template} />} />
      {frozen && <Alert color="gray">{t.frozen}</Alert>}
      <Section title={t.asks}>
        {template.placeholders.length === 0 && <Text size="sm">{t.asksNothing}</Text>}
        <Stack gap="sm" maw={520}>
          {template.placeholders.map((place) => (
            <PlaceField
              key={place.name}
              place={place}
              value={values[place.name]}
              onChange={(value) => setValues((now) => ({ ...now, [place.name]: value }))}
            />
          ))}
        </Stack>
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
          <Table.ScrollContainer minWidth={480} type="native" tabIndex={0}>
            <Table>
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
                {(into ? changed : fields).map((field) => (
                  <Table.Tr key={field}>
                    <Table.Th scope="row">{t.field[field]}</Table.Th>
                    {into && <Lines lines={describe(into.settings, field)} />}
                    <Lines lines={describe(then, field, asked)} />
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Section>
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

type PlaceProps = { place: Placeholder; value: unknown; onChange: (value: unknown) => void };

/** Asks for one placeholder, with the control that fits its place. */
function PlaceField({ place, value, onChange }: PlaceProps) {
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
          onChange={(next) => onChange(next ?? undefined)}
        />
      );
    case "/time_range":
      return (
        <Select
          label={place.label}
          withAsterisk
          data={Object.entries(t.preset).map(([preset, label]) => ({ value: preset, label }))}
          onChange={(preset) => onChange(preset ? { preset } : undefined)}
        />
      );
    case "/risk_threshold":
      return (
        <NumberInput
          label={place.label}
          withAsterisk
          min={0}
          max={100}
          value={typeof value === "number" ? value : ""}
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
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

function Acts({ template }: { template: Template }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const me = useMe().data;
  const mayChange =
    !template.built_in && (template.user_id === me?.id || me?.role === "lead" || me?.role === "admin");
  const fail = (error: Error) =>
    notifications.show({ color: "red", title: t.failed, message: error.message });
  const refresh = () => client.invalidateQueries({ queryKey: ["templates"] });

  const undo = useMutation({
    mutationFn: () => undeleteTemplate(template.template_id),
    onSuccess: () => {
      void refresh();
      notifications.show({ message: t.restored });
    },
    onError: fail,
  });
  const remove = useMutation({
    mutationFn: () => deleteTemplate(template.template_id),
    onSuccess: () => {
      void refresh();
      navigate("/templates");
      const shown = notifications.show({
        autoClose: 15_000,
        title: t.removed(template.name),
        message: (
          <Button
            size="xs"
            variant="default"
            mt={6}
            onClick={() => {
              notifications.hide(shown);
              undo.mutate();
            }}
          >
            {t.undo}
          </Button>
        ),
      });
    },
    onError: fail,
  });
  const copy = useMutation({
    mutationFn: () => duplicateTemplate(template.template_id),
    onSuccess: (made) => {
      void refresh();
      notifications.show({ message: t.duplicated(made.name) });
      navigate(`/templates/${made.template_id}`);
    },
    onError: fail,
  });

  return (
    <>
      {mayChange && (
        <Button
          variant="default"
          leftSection={<Pencil size={15} aria-hidden />}
          onClick={() => navigate(`/templates/${template.template_id}/edit`)}
        >
          {t.edit}
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<Copy size={15} aria-hidden />}
        loading={copy.isPending}
        onClick={() => copy.mutate()}
      >
        {t.duplicate}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px="xs" aria-label={`${t.title}: ${template.name}`}>
            <EllipsisVertical size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<Download size={15} aria-hidden />}
            onClick={() =>
              saveAs(`${fileNameOf(template.name)}.template.json`, "application/json", toFile(template))
            }
          >
            {t.exported}
          </Menu.Item>
          {mayChange && (
            <Menu.Item
              color="red"
              leftSection={<Trash2 size={15} aria-hidden />}
              onClick={() => remove.mutate()}
            >
              {t.remove}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
