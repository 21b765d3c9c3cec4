export function ResultsStep() {
  return null;
}
