// What each status allows people. Made from status.go by: go test . -run TestPagesOfferWhatTheTableAllows -update
export const acts = {
  draft: ["start"],
  running: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  completed: ["retry"],
  error: ["cancel", "retry"],
  cancelled: [],
} as const;
