export function CurrentStep() {
  return null;
}
