/** A name that nobody else comes to: 128 random bits. Works also where crypto.randomUUID does not, on plain http. */
export const randomId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
