import { useContext } from "react";
import type { EvidenceRow } from "../../api/results";
import { formatCount } from "../../ui/number";
import { useTitles } from "../../ui/useTitles";
import { cellText, columnsOf, paperOf } from "./evidence";
import { FileColumns, Printing } from "./reading";
import classes from "./results.module.css";
import { t } from "./texts";

type Props = { rows: readonly EvidenceRow[]; label: string; named?: string };

/** How many columns a sheet of paper has room for; on it the further ones stand in words beneath their row. */
const onPaper = 7;

/** Rows of the data set as they stand there, by the file's own names; cells that hold the value named stand out. */
export function EvidenceTable({ rows: all, label, named = "" }: Props) {
  const source = useContext(FileColumns);
  const titles = useTitles();
  const printing = useContext(Printing);
  const drawn = printing ? paperOf(all) : { rows: all, common: [], columns: columnsOf(all) };
  const { rows, common } = drawn;
  const columns = printing ? drawn.columns.slice(0, onPaper) : drawn.columns;
  const further = drawn.columns.slice(columns.length);
  const told = Object.keys(source).length > 0; // results of a release before do not tell the names
  const workedOut = (column: string) => told && source[column] === undefined;
  const name = (column: string) => source[column] ?? titles.column(column);
  const inWords = (columns: readonly string[], fields: EvidenceRow["fields"]) =>
    columns
      .filter((column) => cellText(fields[column]) !== "")
      .map((column) => `${name(column)}: ${cellText(fields[column])}`)
      .join(" · ");
  return (
    <section
      className={classes.evidence}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
    >
      {common.length > 0 && all[0] && (
        <p className={classes.common}>
          {t.evidence.common} {inWords(common, all[0].fields)}
        </p>
      )}
      <table>
        <thead>
          <tr>
            <th scope="col" title={t.evidence.hint}>
              {t.evidence.row}
            </th>
            {columns.map((column) => (
              <th
                key={column}
                scope="col"
                title={t.evidence.means(titles.column(column), workedOut(column))}
                data-worked-out={workedOut(column) || undefined}
              >
                {name(column)}
              </th>
            ))}
          </tr>
        </thead>
        {rows.map(({ row, fields }) => (
          <tbody key={row}>
            <tr>
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
            {further.length > 0 && (
              <tr data-further>
                <td />
                <td colSpan={columns.length}>{inWords(further, fields)}</td>
              </tr>
            )}
          </tbody>
        ))}
      </table>
      {rows.length < all.length && <p className={classes.common}>{t.evidence.printed(rows.length)}</p>}
    </section>
  );
}
