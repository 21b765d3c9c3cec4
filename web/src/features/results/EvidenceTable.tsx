import type { EvidenceRow } from "../../api/results";
import { formatCount } from "../../ui/number";
import { cellText, columnsOf } from "./evidence";
import classes from "./results.module.css";
import { t } from "./texts";

type Props = { rows: readonly EvidenceRow[]; label: string; named?: string };

/** Rows of the data set as they stand there; cells that hold the value named stand out. */
export function EvidenceTable({ rows, label, named = "" }: Props) {
  const columns = columnsOf(rows);
  return (
    <section
      className={classes.evidence}
      aria-label={label}
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
          {rows.map(({ row, fields }) => (
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
                    data-named={(named !== "" && text === named) || undefined}
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
  );
}
