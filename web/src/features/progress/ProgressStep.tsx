export function ProgressStep() {
  return null;
}
