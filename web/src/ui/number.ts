const whole = new Intl.NumberFormat();

/** 12,345 in the reader's way of writing. */
export const formatCount = (n: number) => whole.format(n);

const hundredths = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** An amount in the reader's way of writing: whole ones plain, others with two digits: "1,240", "1,240.50". */
export const formatAmount = (n: number) => (Number.isInteger(n) ? whole : hundredths).format(n);

/** A share, strength or weight 0..1: "0.62". */
export const formatShare = (share: number) => hundredths.format(share);

/** Bytes in the unit that reads best: "1.4 MB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (value < 1000) return `${value < 10 && unit !== "B" ? value.toFixed(1) : Math.round(value)} ${unit}`;
    value /= 1000;
  }
  return `${value.toFixed(1)} TB`;
}
