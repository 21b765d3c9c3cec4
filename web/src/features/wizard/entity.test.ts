import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { luhn } from "../../sync/card";
import { isIPv4, isIPv6, recognise, recognisePasted, whyInvalid } from "./entity";

describe("recognise", () => {
  test.each([
    ["ana@example.com", "email", true],
    ["192.0.2.7", "ip_address", true],
    ["2001:db8::7", "ip_address", true],
    ["::ffff:192.0.2.1", "ip_address", true],
    ["4242 4242 4242 4242", "card_number", true],
    ["434505******9116", "card_number", true],
    ["+49 30 123456", "phone_number", true],
    ["030 123-4567", "phone_number", false],
    ["dev_9f3a", "device_id", true],
    ["550e8400-e29b-41d4-a716-446655440000", "device_id", true],
    ["txn-10042", "transaction_id", true],
    ["merchant_77", "merchant_id", true],
    ["DE89370400440532013000", "account_id", true],
    ["user_17", "user_id", true],
    ["17929", "user_id", false],
    ["1234567890123456", "user_id", false],
    ["1234 5678 9012 3456", "card_number", false],
    ["192.0.2.300", "ip_address", false],
    ["ana@@example", "email", false],
  ] as const)("%s is %s", (text, type, sure) => {
    expect(recognise(text)).toMatchObject({ type, value: text, sure });
  });

  test("a leading type says it outright and is not part of the value", () => {
    expect(recognise("device_id: 285475")).toEqual({ type: "device_id", value: "285475", sure: true });
    expect(recognise("card=1234")).toEqual({ type: "card_number", value: "1234", sure: true });
  });
});

test("a pasted column gives each entity once, in order, without quotes and empty lines, and counts what stood there again", () => {
  const { entities, repeated } = recognisePasted(
    '97051\r\n"97051"\n\n ana@example.com \n192.0.2.7;dev_1;97051',
  );
  expect(entities.map((e) => e.value)).toEqual(["97051", "ana@example.com", "192.0.2.7", "dev_1"]);
  expect(repeated).toBe(2);
});

test("addresses", () => {
  expect(["1.2.3.4", "255.255.255.255"].every(isIPv4)).toBe(true);
  expect(["1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", ""].some(isIPv4)).toBe(false);
  expect(["::", "::1", "fe80::1%eth0", "1:2:3:4:5:6:7:8", "64:ff9b::192.0.2.33"].every(isIPv6)).toBe(true);
  expect(["", ":", "1:2:3", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9", "::g"].some(isIPv6)).toBe(false);
  fc.assert(fc.property(fc.ipV4(), isIPv4));
  fc.assert(fc.property(fc.ipV6(), isIPv6));
});

test("the check digit of cards", () => {
  expect(luhn("4242424242424242")).toBe(true);
  expect(luhn("4242424242424241")).toBe(false);
});

test("a value that cannot be of its type says why", () => {
  expect(whyInvalid({ type: "email", value: "ana@" })).toMatch(/e-mail/);
  expect(whyInvalid({ type: "ip_address", value: "1.2.3.400" })).toMatch(/IPv4/);
  expect(whyInvalid({ type: "ip_address", value: "1358956300" })).toBeNull();
  expect(whyInvalid({ type: "ip_address", value: "4294967296" })).toMatch(/IPv4/);
  expect(whyInvalid({ type: "phone_number", value: "call me" })).toMatch(/phone/);
  expect(whyInvalid({ type: "card_number", value: "#7" })).toMatch(/card/);
  expect(whyInvalid({ type: "card_number", value: "tok_4111 1111 1111 1111" })).toMatch(/beside/);
  expect(whyInvalid({ type: "card_number", value: "card_003ab4" })).toBeNull();
  expect(whyInvalid({ type: "user_id", value: "  " })).toMatch(/empty/i);
  expect(whyInvalid({ type: "user_id", value: "anything goes" })).toBeNull();
});
