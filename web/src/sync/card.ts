import type { Entity } from "../api/entity";
import type { Draft } from "../api/investigation";

// A card number in clear is never kept. The server keeps its first 6 and last 4 digits and a seal, which only it can make, by which one card
// is told from another. Here the same number may stand in clear, as it was typed, masked, as the browser keeps it, and masked with the seal.

/** Whether the digits end in their Luhn check digit, as card numbers do. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let d = Number(digits[digits.length - 1 - i]);
    if (i % 2 === 1) d = d > 4 ? d * 2 - 9 : d * 2;
    sum += d;
  }
  return sum % 10 === 0;
}

const sealed = /^(\d{6}\*{6}\d{4})~[0-9a-f]{8}$/;
const masked = /^\d{6}\*{6}\d{4}$/;
const mask = (digits: string) => `${digits.slice(0, 6)}******${digits.slice(-4)}`;

/** Whether a value is a card that the server masked. */
export const isSealed = (value: string) => sealed.test(value.trim());

/** A value as it is shown: a card without its seal, which tells people nothing. */
export const shownCard = (value: string) => value.replace(sealed, "$1");

/** The mask of a card in clear; null where the entity is none. As the server tells it. */
function maskOfClear({ type, value }: Entity): string | null {
  const digits = value.trim().replace(type === "card_number" ? /[\s\-–—._/]/g : /[ -]/g, "");
  if (!/^\d{13,19}$/.test(digits)) return null;
  if (type !== "card_number" && !luhn(digits)) return null;
  if (type === "phone_number" && digits.length < 16) return null;
  return mask(digits);
}

/** What of entries the browser may keep: a replacer for JSON.stringify. */
export function veil(key: string, part: unknown): unknown {
  if (typeof part === "string" && key === "adding") {
    return part.replace(/\d(?:[ -]?\d){12,18}/g, (run) => {
      const digits = run.replace(/[ -]/g, "");
      return luhn(digits) ? mask(digits) : run;
    });
  }
  if (typeof part === "string" && key !== "value") {
    return maskOfClear({ type: "user_id", value: part }) ?? part;
  }
  if (!isEntity(part)) return part;
  const hidden = maskOfClear(part);
  return hidden === null ? part : { ...part, value: hidden };
}

const isEntity = (part: unknown): part is Entity =>
  typeof part === "object" &&
  part !== null &&
  "type" in part &&
  "value" in part &&
  typeof part.value === "string";

type Drafts = { base: Draft; mine: Draft; theirs: Draft };

/** The drafts with one card written in one way: with the seal, where any of them has it. */
export function sameCards(drafts: Drafts): Drafts {
  const { base, mine, theirs } = drafts;
  const seals = new Map<string, Set<string>>();
  for (const { value } of [base, mine, theirs].flatMap((draft) => draft.settings.entities)) {
    const [whole, cut] = sealed.exec(value.trim()) ?? [];
    if (whole && cut) seals.set(cut, (seals.get(cut) ?? new Set()).add(whole));
  }
  if (seals.size === 0) return drafts;
  const written = (entity: Entity): Entity => {
    const value = entity.value.trim();
    const cut = masked.test(value) ? value : maskOfClear(entity);
    const [only, another] = (cut && seals.get(cut)) || [];
    return only && !another ? { ...entity, value: only } : entity;
  };
  const rewritten = (draft: Draft): Draft => ({
    ...draft,
    settings: { ...draft.settings, entities: draft.settings.entities.map(written) },
  });
  return { base: rewritten(base), mine: rewritten(mine), theirs: rewritten(theirs) };
}
