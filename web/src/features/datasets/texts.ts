export const t = {
  join: {
    open: "Join a file",
    title: (name: string) => `Join a file to ${name}`,
    hint: "A second file, such as one of customers, gives each event the columns of the row that has its key. Both files stay as they are; the joined one is a data set of its own.",
    other: "File to join",
    choose: "Choose a data set, or bring the file below",
    rowsOf: "rows",
    keyOf: (name: string) => `Key column in ${name}`,
    looking: "Looking how the rows meet",
    notLooked: "It cannot be told how the rows meet",
    share: (share: string) => `${share} of the events meet a row of the other file`,
    matched: "Events that meet a row",
    unmatched: "Events whose key the other file does not have: they stay, without its columns",
    noKey: "Events without a key: they stay, without its columns",
    unused: "Rows of the other file that no event meets: they are in no event",
    otherNoKey: "Rows of the other file without a key: they are in no event",
    repeated: "Keys that stand more than once in the other file",
    notUnique:
      "The other file must have each key once: else it is not known which of its rows an event belongs to. Choose another key, or mend the file.",
    nothing: "No event meets a row of the other file. Are these the right columns?",
    name: "Name of the joined data set",
    join: "Join",
    joinPartly: (n: string) => `Join, ${n} without a match`,
    joined: "The files were joined",
    failed: "The files were not joined",
    cancel: "Cancel",
    parts: "Joined from",
    part: (rows: string) => `${rows} rows`,
    met: (on: string, key: string, matched: string, unmatched: string, unused: string) =>
      `${on} = ${key}: ${matched} ${matched === "1" ? "event" : "events"} met a row, ${unmatched} did not; ${unused} ${unused === "1" ? "row is" : "rows are"} in no event`,
  },

  ranking: {
    open: "Rank this file",
    title: (name: string) => `Whom to look at in ${name}`,
    hint: "Every check is asked of the whole file, without a case. The score is the one that each would have alone: uncalibrated, not a probability. Labels are not read.",
    by: "Rank by",
    noColumn:
      "No column of this file names a user, a card, a device or anything else that can be investigated. Say on the page of the data set what its columns mean.",
    asking: (rows: string) => `Asking all checks of ${rows} rows. At the most it takes a minute and a half.`,
    since: (seconds: number) => `So far ${seconds} s.`,
    choose: "Choose",
    pick: (entity: string) => `Choose ${entity}`,
    score: "Risk",
    why: "Why",
    more: (n: number) => (n === 1 ? "and 1 more finding" : `and ${n} more findings`),
    shown: (shown: string, total: string) =>
      `The first ${shown === "1" ? "" : `${shown} `}of ${total}, highest risk first`,
    nothing: "Nothing stands out",
    nothingDetail: (total: string) =>
      `No check found anything at any of the ${total}. Below stands what could not be looked at.`,
    chosen: (n: number) => (n === 1 ? "1 chosen" : `${n} chosen`),
    full: (room: number) =>
      room === 1 ? "There is room for 1 entity" : `There is room for ${room} entities`,
    notAssessed: (n: number) => (n === 1 ? "1 check was not assessed" : `${n} checks were not assessed`),
    investigate: "Investigate",
  },
  encoding: {
    label: "Character encoding",
    readAs: (name: string, sure: string) => `${name}, confidence ${sure}`,
    hint: (words: string) =>
      `The file does not say how its letters are written. If these are wrong, save it as UTF-8 and bring it again: ${words}`,
  },
  derived: "Worked out from other columns",
  coarse: (step: number) =>
    ({
      60: "The times tell only the minute",
      3600: "The times tell only the hour",
      86400: "The times tell only the day",
    })[step],
  watched: "Watched directory",
  refused: {
    title: (n: number) =>
      n === 1
        ? "1 file of the watched directory was refused"
        : `${n} files of the watched directory were refused`,
    hint: "They were put aside there, in the directory refused. Mend them and put them back, or remove them: then they go from here.",
    failed: "It cannot be told whether files of the watched directory were refused.",
  },

  words: {
    title: { status: "Words of the outcome", event_type: "Kinds of events" },
    hint: {
      status:
        "Checks that ask what went through and what was refused read these. Say what the words mean that nobody knows; your next file with the same header is read so, too.",
      event_type:
        "Checks of log-ins, refunds and money that comes in read these. Say what a kind is where it was taken for something else; your next file with the same header is read so, too.",
    },
    frozen:
      "An investigation rests on this data set, so its words stay. Import the file again to say otherwise.",
    meaningOf: (word: string) => `What ${word} means`,
    meanings: {
      status: { approved: "Went through", declined: "Refused", neither: "Neither" },
      event_type: { login: "Log-in", refund: "Refund", incoming: "Money in", other: "None of these" },
    },
    unknown: "not known",
    apply: "Apply",
    discard: "Discard",
    changed: (n: number) => (n === 1 ? "1 word changed" : `${n} words changed`),
    applied: "The words are read anew",
    failed: "The words were not applied",
  },

  remembered: (file: string) => `Columns are read as you corrected them in ${file}`,
  rememberedHint:
    "What you say of the columns of a file holds for your next file with the same header. Forgetting it changes no data set that is here already.",
  rememberedOf: (file: string) => `From your earlier correction of ${file}`,
  rememberedNone: (meanings: string) => `Read from no column: ${meanings}.`,
  forget: "Forget this correction",
  forgotten: "Forgotten. The next file with this header is read as it is recognised.",
  forgetFailed: "The correction was not forgotten",
};
