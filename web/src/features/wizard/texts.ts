/** The texts of the wizard's care for what was typed. */
export const t = {
  conflict: {
    title: "The same things were changed twice",
    lead: "What did not collide is joined already. Choose what stands of the rest; nothing is overwritten until you do.",
    field: "What",
    mine: "Here",
    theirs: "There",
    entered: (who: string, when: string) => `${who}, ${when}`,
    you: "you",
    youElsewhere: "you, in another window",
    removed: "removed",
    unset: "not set",
    primary: "Which entity is primary",
    entity: (name: string, part: string) => `${name}: ${part}`,
    wholeEntity: (name: string) => name,
    tool: (tool: string) => `Check ${tool}`,
    param: (tool: string, param: string) => `Check ${tool}: ${param}`,
    on: "on",
    off: "off",
    default: "default",
    keepHere: "Keep all of here",
    keepThere: "Take all of there",
    apply: "Keep the chosen values",
    announced: (who: string) => `${who.charAt(0).toUpperCase()}${who.slice(1)} saved over a newer change`,
    announcedFields: (fields: string, whose: string) =>
      `${fields}: ${whose} had changed this and it was replaced. Both values are in the trail of this case.`,
  },
  entities: {
    besideCard: "There is something beside a card number; give the number alone.",
    sealed:
      "A card: kept masked. The whole number is stored nowhere, and the data set is searched for it all the same.",
    repeated: (n: number) =>
      n === 1 ? "1 value stands there twice and was added once." : `${n} repeated values were left out.`,
    full: (left: string[], max: number) => {
      const named = `${left.slice(0, 5).join(", ")}${left.length > 5 ? ", …" : ""}`;
      const what = left.length === 1 ? "1 entity was" : `${left.length} entities were`;
      return `${what} left out, as at most ${max} can be investigated at once: ${named}.`;
    },
    notAdded: (text: string) => `“${text}” is typed but not added: press Add, or clear the field.`,
  },
  rank: { open: "Whom to look at?", add: "Add to the investigation" },
  scoring: {
    label: "Findings add up to the score by",
    example: (identity: string, points: string, network: string, less: string) =>
      `For example: a disposable e-mail address is found (${points} of 100, ${identity}), and the address of a data centre (${less}, ${network}).`,
    detail: {
      noisy_or: (score: string) =>
        `The usual one. Each finding takes its part of the doubt that is left; of related ones only the strongest counts in full. The example comes to ${score}.`,
      weighted_sum: (score: string) =>
        `Every check that fires gives its points, up to 100 in all, related or not. Many small findings reach a threshold sooner. The example comes to ${score}.`,
      any_critical: (score: string) =>
        `As grave as the gravest finding: one that is critical makes the case critical, and no number of small ones does. The example comes to ${score}.`,
    },
    weights: "What each agent counts in the score",
    inFull: "all in full",
    weightsHint:
      "In percent of what it found. An agent at 0 is still asked, and what it finds is shown; it does not move the score.",
  },
  visit: {
    title: (when: string) => `Since you last looked, ${when}`,
    step: (step: string) => `You were on: ${step}`,
    edited: (who: string, fields: string, when: string) => `${who} changed ${fields}, ${when}`,
    you: "You, elsewhere,",
    started: (when: string) => `The run was started, ${when}`,
    ended: {
      completed: (when: string) => `The run was completed, ${when}`,
      cancelled: (when: string) => `The run was cancelled, ${when}`,
      error: (when: string) => `The run stopped by an error, ${when}`,
    },
    checks: (n: number) => (n === 1 ? "1 check was done" : `${n} checks were done`),
    findings: (n: number) => (n === 1 ? "1 new finding" : `${n} new findings`),
    more: (n: number) => `and ${n} more`,
    seen: "Got it",
  },
  trail: {
    back: (step: string) => `Back to ${step}`,
    forward: (step: string) => `Forward to ${step}`,
    noBack: "Nothing to go back to",
    noForward: "Nothing to go forward to",
    visited: "Steps visited",
    now: "here now",
    saved: "Checkpoints and trail",
  },
  stale: {
    title: "This has not been touched for a while",
    lead: (when: string) =>
      `The last change was ${when}. Its data set, time range and entities may no longer be what you want. Everything is still here: what do you want to do?`,
    go: "Continue where it was left",
    goDetail: "Nothing is changed.",
    fresh: "Start afresh",
    freshDetail: "A new, empty draft. This one stays in the list.",
    archive: "Archive it",
    archiveDetail: "It leaves the list and can be brought back.",
    archiveBusy: "A run that is under way or paused is cancelled first.",
    archived: (name: string) => `“${name}” was archived.`,
    failed: "Could not archive it",
  },
  warnings: (n: number) =>
    n === 1 ? "One thing to know before the start" : `${n} things to know before the start`,
  priority: {
    label: "Priority",
    hint: "Which run goes first where several wait. A run that is under way is not stopped for another.",
    low: "Low: it can wait",
    normal: "Normal",
    high: "High: before others",
  },
  estimate: {
    rows: (n: string) => `${n} rows in scope`,
    notCounted: "rows in scope not counted yet",
    took: (runs: number, from: string, to: string) =>
      runs === 1
        ? `your last run took ${from}`
        : from === to
          ? `your last ${runs} runs took ${from}`
          : `your last ${runs} runs took ${from} to ${to}`,
    notMeasured: "no run was measured yet",
    title: "Counted in the file for these settings; times are those of your newest finished runs.",
    occurs: (rows: string) => `${rows} rows`,
    occursOnce: "1 row",
    absent: "not in the file",
  },
  foreign: (owner: string) =>
    `This investigation belongs to ${owner}. You may read it; only its owner changes it.`,
  fields: {
    "/name": "Name",
    "/settings/dataset": "Data set",
    "/settings/entities": "Entities",
    "/settings/time_range": "Time range",
    "/settings/tool_matrix": "Checks",
    "/settings/correlation_mode": "Several entities",
    "/settings/execution_mode": "Agents work",
    "/settings/risk_threshold": "Risk threshold",
  },
  settings: "Settings",
  asked: "Asked for each time",
  retryMissing: "Retry missing checks",
  moreEntities: (n: number) => `${n} more`,
  noDataset: "Choose none",
  onlyDataset: "Your only data set",
  foreignFile: (owner: string) => `A file of ${owner}`,
  foreignData: (owner: string) =>
    `It belongs to ${owner}: you may read what was found in it, not the file itself.`,
  bringBack: "Bring back",
  broughtBack: "It is back in the list.",
  bringBackFailed: "Could not bring it back",
  tools: {
    none: "All off",
    absent: "not connected now",
    absentHint:
      "Not connected now. What you chose is kept; connect the program again, or switch it off to start without it.",
    notConnected: (agent: string) =>
      `${agent} is not connected now: connect it again, or switch its checks off.`,
  },
  paramsOf: (parameters: string, tool: string) => `${parameters}: ${tool}`,
  vault: {
    full: "This browser cannot keep a copy of what you type",
    fullDetail:
      "Its storage is full or refused. What you enter still goes to the server as you type; do not close this page before it says “Saved”.",
    frozen: "Changes that came too late",
    frozenDetail: (fields: string) =>
      `This investigation was started while you were still changing it. Not in it: ${fields}. Nothing you typed is lost.`,
    asNew: "Make a new draft of my version",
    discard: "Discard my version",
    rollBack: "Back to what is saved",
  },
};
