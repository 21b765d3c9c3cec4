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

/** A number that a check measured, no more exact than is of use: "4,710", "0.0312". */
export function measured(value: unknown): string {
  if (typeof value !== "number") return cellText(value);
  if (Number.isInteger(value)) return value.toLocaleString();
  return value.toLocaleString(undefined, { maximumSignificantDigits: Math.abs(value) >= 1000 ? 6 : 4 });
}
