import { ActionIcon, Code, CopyButton, Group, SimpleGrid, Stack, Text, Tooltip } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import type { ReactNode } from "react";
import type { Dataset } from "../../api/dataset";
import { t } from "../../app/texts";
import { formatBytes, formatCount, formatShare } from "../../ui/number";
import { Section } from "../../ui/Section";
import { formatDay, Instant } from "../../ui/time";
import { useTitles } from "../../ui/useTitles";
import classes from "./DatasetPage.module.css";
import { t as texts } from "./texts";

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed" component="dt">
        {label}
      </Text>
      <Text size="sm" fw={550} component="dd" m={0} className="tabular">
        {children}
      </Text>
    </div>
  );
}

/** What is known of a file as a whole. */
export function Facts({ dataset }: { dataset: Dataset }) {
  const titles = useTitles();
  const coarse = texts.coarse(dataset.columns.find(({ canonical }) => canonical === "event_time")?.step ?? 0);
  return (
    <Section title={t.datasets.file}>
      <SimpleGrid component="dl" cols={{ base: 2, sm: 3, lg: 5 }} spacing="lg" m={0}>
        <Fact label={t.datasets.rows}>{formatCount(dataset.rows)}</Fact>
        <Fact label={t.datasets.rejected}>{formatCount(dataset.rejected_rows)}</Fact>
        <Fact label={t.datasets.events}>
          {dataset.first_event_at && dataset.last_event_at ? (
            <>
              <Instant at={dataset.first_event_at} format={formatDay} /> –{" "}
              <Instant at={dataset.last_event_at} format={formatDay} />
              {coarse && (
                <Text size="xs" c="dimmed">
                  {coarse}
                </Text>
              )}
            </>
          ) : (
            t.datasets.noTime
          )}
        </Fact>
        <Fact label={t.datasets.size}>{formatBytes(dataset.bytes)}</Fact>
        {dataset.encoding && (
          <Fact label={texts.encoding.label}>
            {texts.encoding.readAs(dataset.encoding.name, formatShare(dataset.encoding.confidence))}
            <Text size="xs" c="dimmed">
              {texts.encoding.hint(dataset.encoding.examples.join(", "))}
            </Text>
          </Fact>
        )}
        {dataset.derived.length > 0 && (
          <Fact label={texts.derived}>
            {dataset.derived.map((name) => titles.column(name)).join(", ")}
            {dataset.databases.map((book) => (
              <Text size="xs" c="dimmed" key={book.filename}>
                {book.filename} · {book.type} · <Instant at={book.built_at} format={formatDay} />
              </Text>
            ))}
          </Fact>
        )}
        <Fact label={t.datasets.added}>
          <Instant at={dataset.created_at} />
        </Fact>
      </SimpleGrid>
      <Group gap={6} mt="md" wrap="nowrap">
        <Text size="xs" c="dimmed">
          {t.datasets.sha}
        </Text>
        <Code className={classes.hash}>{dataset.sha256}</Code>
        <CopyButton value={dataset.sha256}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? t.datasets.copied : t.datasets.copy}>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t.datasets.copy} onClick={copy}>
                {copied ? <Check size={13} aria-hidden /> : <Copy size={13} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </Group>
      {dataset.parts.length > 0 && <Parts dataset={dataset} />}
    </Section>
  );
}

/** The files of a joined data set, and how they met. */
function Parts({ dataset }: { dataset: Dataset }) {
  return (
    <Stack gap={6} mt="md">
      <Text size="xs" c="dimmed">
        {texts.join.parts}
      </Text>
      {dataset.parts.map((part) => (
        <div key={part.filename + part.sha256}>
          <Text size="sm">
            <b>{part.filename}</b> · {texts.join.part(formatCount(part.rows))}
          </Text>
          {part.on !== "" && (
            <Text size="sm">
              {texts.join.met(
                part.on,
                part.with,
                formatCount(part.matched),
                formatCount(part.unmatched),
                formatCount(part.unused),
              )}
            </Text>
          )}
          <Code className={classes.hash}>{part.sha256}</Code>
        </div>
      ))}
    </Stack>
  );
}
