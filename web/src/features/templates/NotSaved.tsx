import { Alert, Button, Group, List, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import * as z from "zod";
import { ApiError, type Fault } from "../../api/problem";
import { savedOf, type TemplateSave } from "../../api/template";
import { settingsFields } from "../../sync/draft";
import { templateQuery, templateVersionsQuery } from "../../sync/template";
import { Instant } from "../../ui/time";
import { Difference } from "./Difference";
import { over } from "./describe";
import { t } from "./texts";

type NotSavedProps = {
  error: Error | null;
  mine: TemplateSave;
  start: TemplateSave;
  /** The template that is changed; undefined where a new one is made. */
  edited: string | undefined;
  /** The places whose faults stand beside their fields. */
  shown: string[];
  onName: (free: string) => void;
  onReplace: (by: TemplateSave) => void;
  onMine: (newest: number) => void;
  onTheirs: () => void;
};

/** Why the template was not saved, and what can be done. */
export function NotSaved(props: NotSavedProps) {
  const { error, mine, start, edited, shown, onName, onReplace, onMine, onTheirs } = props;
  if (!error) return null;
  const refusal = error instanceof ApiError ? error : null;
  const suggested = refusal?.code === "name_taken" ? refusal.extra("suggested_name", z.string()) : undefined;
  if (suggested !== undefined) {
    const existing = edited === undefined ? refusal?.extra("existing_template_id", z.string()) : undefined;
    return (
      <Alert color="yellow" role="alert" title={t.taken}>
        {existing !== undefined && (
          <Replaced id={existing} by={(old) => over(old, mine, start)} onReplace={onReplace} />
        )}
        <Group mt="sm" gap="xs">
          <Button size="xs" maw="100%" onClick={() => onName(suggested)}>
            {t.takenRename(suggested)}
          </Button>
        </Group>
      </Alert>
    );
  }
  if (edited !== undefined && refusal?.status === 412)
    return <Stale id={edited} mine={mine} onMine={onMine} onTheirs={onTheirs} />;
  if (refusal?.code === "template_limit")
    return (
      <Alert color="yellow" role="alert" title={t.failed}>
        {t.limit} <Link to="/templates?mine=true">{t.limitShow}</Link>
      </Alert>
    );
  const others = (refusal?.faults ?? []).filter((f) => !shown.some((place) => within(f.pointer, place)));
  return (
    <Alert color="red" role="alert" title={t.failed}>
      {error.message}
      {others.length > 0 && (
        <List size="sm" mt={6}>
          {others.map((fault) => (
            <List.Item key={fault.pointer + fault.code}>{told(fault)}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}

/** What is wrong, and where. */
function told({ pointer, detail }: Fault): string {
  const [, settings, name, i] = pointer.split("/");
  const field = settingsFields.find((field) => field === name);
  if (settings !== "settings" || !field) return detail;
  return t.at(field === "entities" && i !== undefined ? t.nth(Number(i) + 1) : t.field[field], detail);
}

/** Whether a pointer is a place or below it. */
export const within = (pointer: string, place: string) =>
  pointer === place || pointer.startsWith(`${place}/`);

type ReplacedProps = {
  id: string;
  /** What it would be then. */
  by: (old: TemplateSave) => TemplateSave;
  onReplace: (by: TemplateSave) => void;
};

/** What would become of a template of the same name where it is replaced. */
function Replaced({ id, by, onReplace }: ReplacedProps) {
  const old = useQuery({ ...templateQuery(id), staleTime: 0 });
  if (!old.data) return null;
  const whole = by(savedOf(old.data));
  return (
    <>
      {t.takenHint}
      <Difference from={savedOf(old.data)} to={whole} fromTitle={t.sides.old} toTitle={t.sides.replaced} />
      <Button size="xs" mt="sm" variant="default" onClick={() => onReplace(whole)}>
        {t.takenOverwrite}
      </Button>
    </>
  );
}

type StaleProps = {
  id: string;
  mine: TemplateSave;
  onMine: (newest: number) => void;
  onTheirs: () => void;
};

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
