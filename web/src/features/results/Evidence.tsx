import { Anchor, Group, Text } from "@mantine/core";
import { Download } from "lucide-react";
import { evidenceUrl } from "../../api/evidence";
import type { Finding } from "../../api/results";
import { formatCount } from "../../ui/number";
import { rowRanges } from "./evidence";
import { Rows } from "./Rows";
import classes from "./results.module.css";
import { t } from "./texts";

/** The rows of the data set that show a finding: the first at once, the others by page. */
export function Evidence({ id, finding }: { id: string; finding: Finding }) {
  const { evidence, evidence_rows: numbers, evidence_total: total, key } = finding;
  if (evidence.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t.evidence.none}
      </Text>
    );
  }
  const shown = new Set(evidence.map(({ row }) => row));
  const order = [...shown, ...numbers.filter((row) => !shown.has(row))];
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={4}>
        <Text size="sm" fw={600}>
          {t.evidence.title}{" "}
          <Text span size="xs" c="dimmed" fw={400}>
            {t.evidence.all(formatCount(total))}
            {numbers.length < total && `, ${t.evidence.kept(formatCount(numbers.length))}`}
          </Text>
        </Text>
        <Anchor href={evidenceUrl(id, finding.id)} download size="xs" underline="always" data-noprint>
          <Download size={12} aria-hidden className={classes.inlineIcon} /> {t.evidence.csv}
        </Anchor>
      </Group>
      <Rows id={id} numbers={order} known={evidence} label={t.evidence.table} named={key} />
      {numbers.length > evidence.length && (
        <details className={classes.aside}>
          <summary>{t.evidence.numbers}</summary>
          <Text size="xs" className="tabular" style={{ overflowWrap: "anywhere" }}>
            {rowRanges([...numbers].sort((a, b) => a - b))}
          </Text>
        </details>
      )}
    </div>
  );
}
