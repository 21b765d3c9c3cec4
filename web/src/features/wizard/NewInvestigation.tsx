export function NewInvestigation() {
  return null;
}
