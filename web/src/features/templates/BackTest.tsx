import { Alert, Button, Group, Progress, Select, Stack, Table, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { getHistory } from "../../api/history";
import { type BackTestResult, backTest, type Template } from "../../api/template";
import cards from "../../ui/cards.module.css";
import { Section } from "../../ui/Section";
import { RiskTag, SeverityTag } from "../../ui/Tone";
import { formatDay, Instant } from "../../ui/time";
import classes from "./templates.module.css";
import { t } from "./texts";

const choices = ["5", "10", "20", "50"];
const shownFindings = 3;

type Run = { of: number; done: BackTestResult[]; failed: { name: string; why: string }[] };

/** What the template would have found on the last finished investigations, computed one after the other on their data. */
export function BackTest({ template }: { template: Template }) {
  const [count, setCount] = useState("5");
  const [run, setRun] = useState<Run | null>(null);
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);

  const test = useMutation({
    mutationFn: async () => {
      stop.current = new AbortController();
      const { signal } = stop.current;
      const { items } = await getHistory(
        new URLSearchParams({ status: "completed", sort: "-finished_at", limit: count }),
        signal,
      );
      const now: Run = { of: items.length, done: [], failed: [] };
      setRun({ ...now });
      for (const item of items) {
        if (signal.aborted) break;
        try {
          now.done = [...now.done, await backTest(template.template_id, item.investigation_id, signal)];
        } catch (error) {
          if (signal.aborted) break;
          now.failed = [
            ...now.failed,
            { name: item.name, why: error instanceof Error ? error.message : String(error) },
          ];
        }
        setRun({ ...now });
      }
    },
  });

  const looked = run ? run.done.length + run.failed.length : 0;
  const higher =
    run?.done.filter((r) => (r.template.risk_score ?? 0) > (r.before.risk_score ?? 0)).length ?? 0;
  const found = run?.done.filter((r) => r.template.findings > 0).length ?? 0;
  return (
    <Section title={t.backTest.title} hint={t.backTest.hint}>
      <Stack gap="md">
        <Group gap="sm" align="flex-end">
          <Select
            label={t.backTest.count}
            data={choices}
            value={count}
            onChange={(value) => setCount(value ?? "5")}
            w={160}
            disabled={test.isPending}
          />
          {test.isPending ? (
            <Button variant="default" onClick={() => stop.current.abort()}>
              {t.backTest.stop}
            </Button>
          ) : (
            <Button
              variant="default"
              leftSection={<FlaskConical size={15} aria-hidden />}
              onClick={() => test.mutate()}
            >
              {t.backTest.start}
            </Button>
          )}
        </Group>
        {test.error && !stop.current.signal.aborted && (
          <Alert color="red" role="alert" title={t.backTest.failed}>
            {test.error.message}
          </Alert>
        )}
        {run && run.of > 0 && (
          <div>
            <Text size="sm" role="status" mb={6} className="tabular">
              {test.isPending
                ? t.backTest.progress(looked, run.of)
                : t.backTest.outcome(run.done.length, found, higher)}
            </Text>
            {test.isPending && (
              <Progress value={(100 * looked) / run.of} aria-label={t.backTest.progress(looked, run.of)} />
            )}
          </div>
        )}
        {run?.of === 0 && <Text size="sm">{t.backTest.nothing}</Text>}
        {run && run.done.length > 0 && (
          <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
            <Table className={cards.cards}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t.backTest.investigation}</Table.Th>
                  <Table.Th>{t.backTest.before}</Table.Th>
                  <Table.Th>{t.backTest.template}</Table.Th>
                  <Table.Th>{t.backTest.differs}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {run.done.map((result) => (
                  <Table.Tr key={result.investigation_id}>
                    <Table.Td className={classes.wrap}>
                      <Link
                        to={`/investigations/${result.investigation_id}/results`}
                        className={classes.name}
                      >
                        {result.name}
                      </Link>
                      {result.finished_at && (
                        <Text size="xs" c="dimmed">
                          <Instant at={result.finished_at} format={formatDay} />
                        </Text>
                      )}
                    </Table.Td>
                    <Side label={t.backTest.before} side={result.before} />
                    <Side label={t.backTest.template} side={result.template} />
                    <Table.Td className={classes.wrap}>
                      <Finds label={t.backTest.onlyTemplate} finds={result.only_template} />
                      <Finds label={t.backTest.onlyBefore} finds={result.only_before} />
                      {result.only_template.length + result.only_before.length === 0 && (
                        <Text size="sm" c="dimmed">
                          {t.backTest.same}
                        </Text>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        {run?.failed.map(({ name, why }) => (
          <Text key={name} size="sm">
            {t.backTest.caseFailed(name, why)}
          </Text>
        ))}
      </Stack>
    </Section>
  );
}

function Side({ label, side }: { label: string; side: BackTestResult["before"] }) {
  return (
    <Table.Td data-label={label}>
      {side.risk_score === null ? (
        <Text size="sm" c="dimmed">
          {t.backTest.noScore}
        </Text>
      ) : (
        <RiskTag score={side.risk_score} level={side.risk_level} />
      )}
      <Text size="xs" c="dimmed" mt={2}>
        {t.backTest.findings(side.findings)}
      </Text>
    </Table.Td>
  );
}

function Finds({ label, finds }: { label: string; finds: BackTestResult["only_before"] }) {
  if (finds.length === 0) return null;
  return (
    <Stack gap={3} mb={4}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      {finds.slice(0, shownFindings).map((find, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes its order
        <Group key={i} gap={6} wrap="nowrap">
          <SeverityTag severity={find.severity} />
          <Text size="sm">{find.title}</Text>
        </Group>
      ))}
      {finds.length > shownFindings && (
        <Text size="xs" c="dimmed">
          {t.backTest.more(finds.length - shownFindings)}
        </Text>
      )}
    </Stack>
  );
}
