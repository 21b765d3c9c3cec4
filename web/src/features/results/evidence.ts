import type { Finding } from "../../api/results";

type EvidenceRow = Finding["evidence"][number];

const first = [
  "event_time",
  "transaction_id",
  "user_id",
  "account_id",
  "counterparty_id",
  "merchant_id",
  "card_number",
  "device_id",
  "ip_address",
  "email",
  "phone_number",
  "event_type",
  "status",
  "amount",
  "currency",
];

const place = (column: string) => {
  const at = first.indexOf(column);
  return at < 0 ? first.length : at;
};

/** The columns that at least one of the rows has a value in: time and identifiers first, then the others by name. */
export function columnsOf(rows: readonly EvidenceRow[]): string[] {
  const columns = new Set<string>();
  for (const row of rows) {
    for (const [column, value] of Object.entries(row.fields)) {
      if (value !== null && value !== undefined && value !== "") columns.add(column);
    }
  }
  return [...columns].sort((a, b) => place(a) - place(b) || a.localeCompare(b));
}

/** What goes onto paper of some rows: the first of them, and the columns that tell them apart; what is the same in all is said once. */
export function paperOf(rows: readonly EvidenceRow[]) {
  const same = (column: string) =>
    rows.length > 1 &&
    column !== "event_time" &&
    rows.every(({ fields }) => cellText(fields[column]) === cellText(rows[0]?.fields[column]));
  const columns = columnsOf(rows);
  return {
    rows: rows.length > 5 ? rows.slice(0, 3) : rows,
    common: columns.filter(same),
    columns: columns.filter((column) => !same(column)),
  };
}

const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** A value of the data set as it stands there; only instants are made easier to read, and stay UTC. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "string") {
    return isInstant.test(value) ? value.replace("T", " ").replace(/(\.0+)?Z$/, "") : value;
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Row numbers in short: "3–5, 9". They must ascend. */
export function rowRanges(rows: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < rows.length; ) {
    let j = i;
    while (rows[j + 1] === (rows[j] ?? 0) + 1) j += 1;
    parts.push(i === j ? `${rows[i]}` : `${rows[i]}${j === i + 1 ? ", " : "–"}${rows[j]}`);
    i = j + 1;
  }
  return parts.join(", ");
}

/** A value that a check measured, no more exact than is of use: "0.03125". Whole numbers stay whole: they may be times. */
export function measured(value: unknown): string {
  return typeof value === "number" && !Number.isInteger(value)
    ? String(Number(value.toPrecision(6)))
    : cellText(value);
}

/** The entities by type, in the order in which the types come; transactions last, since they are many. */
export function groupEntities(entities: Finding["entities"]): { type: string; values: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const { type, value } of entities) groups.set(type, [...(groups.get(type) ?? []), value]);
  return [...groups]
    .map(([type, values]) => ({ type, values }))
    .sort((a, b) => Number(a.type === "transaction_id") - Number(b.type === "transaction_id"));
}

const perPage = 25;

/** Which of the rows a page holds: the first page those at hand, where there are any, the others 25 each. */
export function pageOf(page: number, atHand: number, total: number) {
  const first = Math.min(atHand || perPage, total);
  const pages = 1 + Math.ceil((total - first) / perPage);
  const from = page === 0 ? 0 : first + (page - 1) * perPage;
  return { from, to: page === 0 ? first : Math.min(from + perPage, total), pages };
}
