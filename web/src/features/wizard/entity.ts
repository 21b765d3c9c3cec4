import { type Entity, type EntityType, entityTypes } from "../../api/entity";
import { t } from "../../app/texts";
import { luhn } from "../../sync/card";
import { t as own } from "./texts";

export type Recognised = {
  type: EntityType;
  value: string;
  /** The form leaves no doubt; otherwise it is the likeliest of several. */
  sure: boolean;
};

const words: Record<string, EntityType> = {
  ...Object.fromEntries(entityTypes.map((type) => [type, type])),
  user: "user_id",
  customer: "user_id",
  customer_id: "user_id",
  mail: "email",
  "e-mail": "email",
  ip: "ip_address",
  device: "device_id",
  phone: "phone_number",
  tel: "phone_number",
  card: "card_number",
  account: "account_id",
  iban: "account_id",
  merchant: "merchant_id",
  transaction: "transaction_id",
  tx: "transaction_id",
};

const emailPattern = /^[^\s@"<>()]+@[^\s@"<>()]+\.[^\s@"<>().]{2,}$/;
const phonePattern = /^\+?[0-9][0-9 ().\-/]{4,24}$/;
const cardPattern = /^[0-9Xx*• -]{1,40}(~[0-9a-f]+)?$/;
const prefixes: [RegExp, EntityType][] = [
  [/^(d|dev|device|fp)[-_:]/i, "device_id"],
  [/^(t|tx|txn|trx|trans|transaction|order)[-_:]?\d/i, "transaction_id"],
  [/^(m|mer|merchant|shop|terminal)[-_:]?\d/i, "merchant_id"],
  [/^(acc|acct|account)[-_:]?\d/i, "account_id"],
  [/^(user|usr|cust|customer|u)[-_:]?\d/i, "user_id"],
  [/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/, "account_id"],
  [/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, "device_id"],
];

export function isIPv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) <= 255);
}

export function isIPv6(text: string): boolean {
  const [address = "", ...zone] = text.split("%");
  if (zone.length > 1 || (zone.length === 1 && zone[0] === "")) return false;
  const halves = address.split("::");
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [h, half] of halves.entries()) {
    if (half === "") {
      if (halves.length === 1) return false;
      continue;
    }
    const parts = half.split(":");
    for (const [i, part] of parts.entries()) {
      const last = h === halves.length - 1 && i === parts.length - 1;
      if (last && part.includes(".")) {
        if (!isIPv4(part)) return false;
        groups += 2;
      } else {
        if (!/^[0-9a-f]{1,4}$/i.test(part)) return false;
        groups += 1;
      }
    }
  }
  return halves.length === 2 ? groups <= 7 : groups === 8;
}

/** Tells what kind of entity a text is, most telling forms first. A leading "type:" or "type=" says it outright. */
export function recognise(text: string): Recognised {
  const value = text.trim();
  const named = /^([A-Za-z_-]+)\s*[:=]\s*(.+)$/.exec(value);
  const told = named?.[1] && words[named[1].toLowerCase()];
  if (told && named?.[2] && !isIPv6(value)) return { type: told, value: named[2].trim(), sure: true };
  if (emailPattern.test(value)) return { type: "email", value, sure: true };
  if (isIPv4(value) || isIPv6(value)) return { type: "ip_address", value, sure: true };
  const digits = value.replace(/[ -]/g, "");
  if (/^\d{13,19}$/.test(digits) && luhn(digits)) return { type: "card_number", value, sure: true };
  if (/^\d{4,8}[Xx*•]{4,}\d{2,4}(~[0-9a-f]+)?$/.test(digits))
    return { type: "card_number", value, sure: true };
  if (/^\+\d/.test(value) && phonePattern.test(value)) return { type: "phone_number", value, sure: true };
  // mistyped: told as what they were meant to be, so that the reason can be told too
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(value)) return { type: "ip_address", value, sure: false };
  if (/^\S*@\S*$/.test(value)) return { type: "email", value, sure: false };
  if (/^\d{16,19}$/.test(digits) && digits !== value) return { type: "card_number", value, sure: false };
  for (const [pattern, type] of prefixes) if (pattern.test(value)) return { type, value, sure: true };
  if (/[ ().\-/]/.test(value) && /\d.*\d.*\d.*\d.*\d/.test(value) && phonePattern.test(value)) {
    return { type: "phone_number", value, sure: false };
  }
  return { type: "user_id", value, sure: false };
}

/**
 * Splits pasted text into entities: one a line; a line with tabs, commas or semicolons may hold several. What stands there
 * again is taken once, and counted.
 */
export function recognisePasted(text: string): { entities: Recognised[]; repeated: number } {
  const seen = new Map<string, Recognised>();
  let repeated = 0;
  for (const piece of text.split(/[\r\n\t,;]+/)) {
    const bare = piece.trim().replace(/^["']|["']$/g, "");
    if (bare === "") continue;
    const entity = recognise(bare);
    const key = `${entity.type}\u0000${entity.value}`;
    if (seen.has(key)) repeated++;
    else seen.set(key, entity);
  }
  return { entities: [...seen.values()], repeated };
}

/** Some files hold IPv4 addresses as numbers. */
const isIPNumber = (value: string) =>
  /^\d{5,10}$/.test(value) && Number(value) >= 2 ** 16 && Number(value) < 2 ** 32;

/** The entities with further ones, none twice; the first of all is the primary one where none is. */
export function withAdded(entities: Entity[], further: Pick<Entity, "type" | "value">[]): Entity[] {
  const known = (e: Pick<Entity, "type" | "value">) =>
    entities.some((old) => old.type === e.type && old.value.trim() === e.value);
  const all: Entity[] = [
    ...entities,
    ...further.filter((e) => !known(e)).map(({ type, value }) => ({ type, value })),
  ];
  return all.some((e) => e.primary) ? all : all.map((e, i) => (i === 0 ? { ...e, primary: true } : e));
}

/** Why the value cannot be of the type; null where it can. The server has the last word. */
export function whyInvalid({ type, value: raw }: Pick<Entity, "type" | "value">): string | null {
  const value = raw.trim();
  if (value === "") return t.entities.wrong.empty;
  if (value.length > 320) return t.entities.wrong.long;
  switch (type) {
    case "email":
      return emailPattern.test(value) ? null : t.entities.wrong.email;
    case "ip_address":
      return isIPv4(value) || isIPv6(value) || isIPNumber(value) ? null : t.entities.wrong.ip;
    case "phone_number":
      return phonePattern.test(value) ? null : t.entities.wrong.phone;
    case "card_number":
      if (cardPattern.test(value)) return null;
      if (value.match(/\d(?:[ -]?\d){12,18}/g)?.some((run) => luhn(run.replace(/[ -]/g, ""))))
        return own.entities.besideCard;
      return /\p{L}/u.test(value) ? null : t.entities.wrong.card; // a token
    default:
      return null;
  }
}
