export function InvestigationPage() {
  return null;
}
