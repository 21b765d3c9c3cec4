import { Text } from "@mantine/core";
import type { Finding } from "../../api/results";
import { formatCount } from "../../ui/number";
import { cellText, columnsOf, rowRanges } from "./evidence";
import classes from "./results.module.css";
import { t } from "./texts";

/** The rows of the data set that show a finding, as they stand there. */
export function Evidence({ finding }: { finding: Finding }) {
  const { evidence, evidence_rows: numbers, evidence_total: total, key } = finding;
  if (evidence.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t.evidence.none}
      </Text>
    );
  }
  const columns = columnsOf(evidence);
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {t.evidence.title}{" "}
        <Text span size="xs" c="dimmed" fw={400}>
          {evidence.length < total
            ? t.evidence.shown(formatCount(evidence.length), formatCount(total))
            : t.evidence.all(formatCount(total))}
        </Text>
      </Text>
      <section
        className={classes.evidence}
        aria-label={t.evidence.table}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
      >
        <table>
          <thead>
            <tr>
              <th scope="col" title={t.evidence.hint}>
                {t.evidence.row}
              </th>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {evidence.map(({ row, fields }) => (
              <tr key={row}>
                <th scope="row" className="tabular">
                  {formatCount(row)}
                </th>
                {columns.map((column) => {
                  const text = cellText(fields[column]);
                  return (
                    <td
                      key={column}
                      className="tabular"
                      data-named={(key !== "" && text === key) || undefined}
                      data-number={typeof fields[column] === "number" || undefined}
                    >
                      {text || (
                        <span className={classes.absent} role="img" aria-label={t.evidence.empty}>
                          –
                        </span>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {evidence.length < total && numbers.length > 0 && (
        <details className={classes.aside}>
          <summary>
            {t.evidence.numbers}
            {numbers.length < total && ` (${t.evidence.firstNumbers(formatCount(numbers.length))})`}
          </summary>
          <Text size="xs" className="tabular" style={{ overflowWrap: "anywhere" }}>
            {rowRanges([...numbers].sort((a, b) => a - b))}
          </Text>
        </details>
      )}
    </div>
  );
}
