const whole = new Intl.NumberFormat();

/** 12,345 in the reader's way of writing. */
export const formatCount = (n: number) => whole.format(n);

/** Bytes in the unit that reads best: "1.4 MB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (value < 1000) return `${value < 10 && unit !== "B" ? value.toFixed(1) : Math.round(value)} ${unit}`;
    value /= 1000;
  }
  return `${value.toFixed(1)} TB`;
}
