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
    announced: (who: string) => `${who} saved over a newer change`,
    announcedFields: (fields: string, whose: string) =>
      `${fields}: ${whose} had changed this and it was replaced. Both values are in the trail of this case.`,
  },
  entities: {
    notAdded: (text: string) => `“${text}” is typed but not added: press Add, or clear the field.`,
  },
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
