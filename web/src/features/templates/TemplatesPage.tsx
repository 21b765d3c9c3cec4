import {
  Button,
  Checkbox,
  FileButton,
  Group,
  Pagination,
  Paper,
  Skeleton,
  Stack,
  Table,
  Text,
  TextInput,
  VisuallyHidden,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { LayoutTemplate, Plus, Search, Upload } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { fromFile, type TemplateRow, type TemplateSort, templateSorts } from "../../api/template";
import { useWrites } from "../../sync/rights";
import { useMe } from "../../sync/session";
import { readFilter, templatesQuery } from "../../sync/template";
import { useInvestigation } from "../../sync/useInvestigation";
import { LoadFailed } from "../../ui/Broken";
import cards from "../../ui/cards.module.css";
import { EmptyState } from "../../ui/EmptyState";
import { formatCount } from "../../ui/number";
import { PageHeader } from "../../ui/PageHeader";
import { Select } from "../../ui/Select";
import { Tag } from "../../ui/Tone";
import { formatDay, Instant } from "../../ui/time";
import { BringBack, TemplateMenu } from "./TemplateActs";
import classes from "./templates.module.css";
import { t } from "./texts";

/** The templates that one may load. With `?for=` an investigation, loading goes into that one. */
export function TemplatesPage() {
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const into = search.get("for") ?? "";
  const filter = readFilter(search);
  const [typed, setTyped] = useState(filter.text);
  const [text] = useDebouncedValue(typed, 250);
  const { sort, tag, mine, deleted, page: number } = filter;
  const page = useQuery(templatesQuery({ ...filter, text }));
  const writes = useWrites();

  const narrow = (key: string, value: string) =>
    setSearch(
      (now) => {
        if (value) now.set(key, value);
        else now.delete(key);
        if (key !== "page") now.delete("page");
        return now;
      },
      { replace: key !== "page" },
    );

  const read = async (file: File | null) => {
    if (!file) return;
    const read = fromFile(await file.text());
    if ("template" in read) navigate("/templates/new", { state: read });
    else notifications.show({ color: "red", title: t.failed, message: t.notAFile(read.wrong) });
  };

  return (
    <Stack gap="md" maw={1280} mx="auto">
      {into ? (
        <IntoHeader id={into} />
      ) : (
        <PageHeader
          title={deleted ? t.deletedTitle : t.title}
          lead={deleted ? t.deletedLead : t.lead}
          actions={
            writes && (
              <Button component={Link} to="/templates/new" leftSection={<Plus size={16} aria-hidden />}>
                {t.make.button}
              </Button>
            )
          }
        />
      )}
      <search className={classes.filters}>
        <TextInput
          className={classes.grow}
          type="search"
          aria-label={t.search}
          placeholder={t.search}
          value={typed}
          maxLength={200}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            narrow("q", event.currentTarget.value);
          }}
          leftSection={<Search size={15} aria-hidden />}
        />
        <Select
          aria-label={t.tag}
          placeholder={t.anyTag}
          data={page.data?.tags ?? []}
          value={tag || null}
          onChange={(value) => narrow("tag", value ?? "")}
          clearable
        />
        <Select<TemplateSort>
          aria-label={t.sortBy}
          data={templateSorts.map((value) => ({ value, label: t.sorts[value] }))}
          value={sort}
          onChange={(value) => narrow("sort", value ?? "")}
          allowDeselect={false}
        />
        {writes && (
          <Checkbox
            label={t.mine}
            checked={mine}
            onChange={(e) => narrow("mine", e.currentTarget.checked ? "true" : "")}
          />
        )}
        {!into && writes && (
          <Checkbox
            label={t.deleted}
            checked={deleted}
            onChange={(e) => narrow("deleted", e.currentTarget.checked ? "true" : "")}
          />
        )}
        {!into && writes && (
          <FileButton onChange={read} accept="application/json,.json">
            {(props) => (
              <Button {...props} variant="default" leftSection={<Upload size={15} aria-hidden />}>
                {t.importFile}
              </Button>
            )}
          </FileButton>
        )}
      </search>
      <Paper p={0} bg="var(--paper)" className={classes.sheet}>
        {page.error ? (
          <LoadFailed error={page.error} onRetry={() => page.refetch()} />
        ) : !page.data ? (
          <Stack p="md" gap="xs">
            <Skeleton h={36} />
            <Skeleton h={36} />
            <Skeleton h={36} />
          </Stack>
        ) : page.data.items.length === 0 ? (
          <EmptyState
            icon={<LayoutTemplate size={32} aria-hidden />}
            title={deleted ? t.noneDeleted : t.none}
            hint={deleted ? t.noneDeletedHint : t.noneHint}
          />
        ) : (
          <List items={page.data.items} into={into} deleted={deleted} />
        )}
      </Paper>
      {page.data && (
        <Group justify="space-between" gap="sm">
          <Text size="xs" c="dimmed" className="tabular">
            {writes && !deleted && t.owned(page.data.owned, page.data.limit)}
          </Text>
          {page.data.total_pages > 1 && (
            <Pagination
              total={page.data.total_pages}
              value={number}
              onChange={(to) => narrow("page", to > 1 ? String(to) : "")}
              size="sm"
              aria-label={t.pages}
              getControlProps={(control) => ({ "aria-label": t.control[control] })}
              getItemProps={(to) => ({ "aria-label": t.toPage(to) })}
            />
          )}
        </Group>
      )}
    </Stack>
  );
}

function IntoHeader({ id }: { id: string }) {
  const name = useInvestigation(id).data?.name ?? "";
  return (
    <PageHeader
      crumbs={name ? [{ to: `/investigations/${encodeURIComponent(id)}/settings`, label: name }] : []}
      title={t.loadTitle}
      lead={name && t.loadLead(name)}
    />
  );
}

function List({ items, into, deleted }: { items: TemplateRow[]; into: string; deleted: boolean }) {
  const tail = into ? `?for=${encodeURIComponent(into)}` : "";
  const me = useMe().data?.id;
  const changed = deleted ? t.deleted : t.columns.changed; // the change that a deleted one saw last is that it was deleted
  return (
    <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
      <Table highlightOnHover className={`tabular ${cards.cards} ${classes.list}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t.columns.name}</Table.Th>
            <Table.Th ta="right">{t.columns.entities}</Table.Th>
            <Table.Th ta="right">{t.columns.used}</Table.Th>
            <Table.Th>{changed}</Table.Th>
            <Table.Th>{t.columns.owner}</Table.Th>
            {!into && (
              <Table.Th>
                <VisuallyHidden>{t.columns.acts}</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={item.template_id}>
              <Table.Td>
                <Group gap={8}>
                  {deleted ? (
                    <Text size="sm" fw={570} className={classes.wrap}>
                      {item.name}
                    </Text>
                  ) : (
                    <Link to={`/templates/${item.template_id}${tail}`} className={classes.name}>
                      {item.name}
                    </Link>
                  )}
                  {item.tags.map((tag) => (
                    <Tag key={tag} tone="none">
                      {tag}
                    </Tag>
                  ))}
                </Group>
                <Text size="xs" c="dimmed" lineClamp={2} className={classes.wrap}>
                  {item.description}
                </Text>
              </Table.Td>
              <Table.Td className={cards.number} data-label={t.columns.entities}>
                {item.entity_count}
              </Table.Td>
              <Table.Td className={cards.number} data-label={t.columns.used}>
                {formatCount(item.usage_count)}
              </Table.Td>
              <Table.Td className={classes.day} data-label={changed}>
                {item.built_in ? "–" : <Instant at={item.updated_at} format={formatDay} />}
              </Table.Td>
              <Table.Td data-label={t.columns.owner}>
                {item.built_in ? t.builtIn : item.user_id === me ? t.you : item.user_id}
                {!item.built_in && item.scope === "org" && (
                  <Text size="xs" c="dimmed">
                    {t.org}
                  </Text>
                )}
              </Table.Td>
              {!into && (
                <Table.Td className={deleted ? classes.back : classes.menu}>
                  {deleted ? <BringBack template={item} /> : <TemplateMenu template={item} />}
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
