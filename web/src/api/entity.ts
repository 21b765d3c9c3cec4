import * as z from "zod/mini";

export const entityTypes = [
  "user_id",
  "email",
  "ip_address",
  "device_id",
  "phone_number",
  "card_number",
  "account_id",
  "merchant_id",
  "transaction_id",
] as const;
export const entityType = z.enum(entityTypes);
export type EntityType = z.infer<typeof entityType>;

export const entity = z.object({
  type: entityType,
  value: z.string(),
  label: z.optional(z.string()),
  primary: z.optional(z.boolean()),
  weight: z.optional(z.int()),
});
export type Entity = z.infer<typeof entity>;
