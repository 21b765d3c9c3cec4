/** The texts of the page that holds verdicts against the weights of checks. */
export const t = {
  title: "Calibration",
  lead: "How often the findings of each check turned out to be right, by the verdicts that people gave on them.",
  weights: {
    title: "Weights in force",
    original: "No suggestion was accepted yet: every check counts what it came with.",
    accepted: (version: number, by: string) => `Version ${version}, accepted by ${by}`,
    of: (n: number) =>
      n === 1 ? "1 check counts an accepted weight." : `${n} checks count an accepted weight.`,
  },
  checks: {
    title: "Checks with verdicts",
    hint: "The bar spans the 95 % interval of the precision (Wilson), the dot is the precision, the line the weight in force.",
    none: "Nobody has given a verdict yet",
    noneHint:
      "Open a finding in the results of an investigation and say whether it is right. From twenty verdicts on a check, a weight is suggested here.",
    table: "Precision of checks",
    check: "Check",
    verdicts: "Verdicts",
    precision: "Precision",
    weight: "Weight",
    suggested: "Suggested",
    choose: (check: string) => `Accept the suggestion for ${check}`,
    version: (n: number) => `version ${n}`,
    said: (right: number, wrong: number) => `${right} right, ${wrong} wrong`,
    undecided: (n: number) => `${n} undecided`,
    share: (precision: string, low: string, high: string) => `${precision} (${low}–${high})`,
    chart: (precision: string, low: string, high: string, weight: string) =>
      `Precision ${precision}, 95 % interval ${low} to ${high}, weight ${weight}`,
    none_: "none",
    inForce: "accepted",
  },
  accept: {
    title: (n: number) => (n === 1 ? "Accept 1 suggestion" : `Accept ${n} suggestions`),
    hint: "For runs that are started from now on; results name the version they are under. Runs that are over stay as they are.",
    reason: "Why",
    reasonHint: "It stands in the audit trail.",
    submit: "Accept",
    cancel: "Cancel",
    done: (version: number) => `Version ${version} of the weights is in force for new runs.`,
    failed: "Nothing was accepted",
    leads: "Suggestions are accepted by leads and admins.",
  },
};
