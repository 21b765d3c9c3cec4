import type { Delta } from "./merge";
import type { Rung } from "./transport";

/** Who brought something: a transport, the answer to a request of this page, the slow reconcile, the filling of a gap. */
export type Carrier = Rung | "load" | "save" | "reconcile";

/** One thing received: an event, or a whole state at its version. */
export type Receipt = {
  /** When it came, RFC 3339. */
  at: string;
  by: Carrier;
  /** Another tab of this browser received it and passed it on. */
  tab: boolean;
  what: "event" | "held" | "state" | "reset";
  /** The number of the event, or the version of the state. */
  seq: number;
};

export type Proof = {
  /** Where what is kept begins: everything up to here came as a state. */
  from: number;
  /** Everything up to here was received. */
  to: number;
  /** Seqs in between that nothing brought. */
  missing: number[];
  /** How many events came again after they had been received; they change nothing. */
  repeated: number;
  gap_free: boolean;
};

const receiptsMax = 20_000;

/** The newest of what was received about one investigation, bounded. */
export class Trace {
  private readonly receipts: Receipt[] = [];
  private dropped = 0;

  note(delta: Delta, by: Carrier, tab: boolean, now: number) {
    const at = new Date(now).toISOString();
    if ("state" in delta) {
      this.receipts.push({ at, by, tab, what: delta.reset ? "reset" : "state", seq: delta.state.version });
    } else {
      for (const { seq, durable } of delta.events) {
        this.receipts.push({ at, by, tab, what: durable ? "event" : "held", seq });
      }
    }
    const over = this.receipts.length - receiptsMax;
    if (over > 0) {
      this.receipts.splice(0, over + receiptsMax / 10);
      this.dropped += over + receiptsMax / 10;
    }
  }

  /** What can be taken away: all that is kept, and what it proves. */
  document(id: string, version: number, now: number) {
    return {
      investigation_id: id,
      made_at: new Date(now).toISOString(),
      /** The version that the page shows. */
      version,
      ...prove(this.receipts),
      /** Older receipts that are not kept. */
      dropped: this.dropped,
      receipts: this.receipts.slice(),
    };
  }
}

/**
 * Goes through what was received and says whether it adds up: from the first state on, each number
 * once in effect, none missing. It knows nothing of how pages merge; that is what makes it a proof.
 */
export function prove(receipts: readonly Receipt[]): Proof {
  let from: number | null = null;
  let to = 0;
  let repeated = 0;
  const ahead = new Set<number>();
  for (const { what, seq } of receipts) {
    if (what === "held") continue;
    if (what === "reset" || (what === "state" && (from === null || seq > to))) {
      if (from === null || what === "reset") from = seq;
      to = seq;
    } else if (what === "event") {
      from ??= seq - 1;
      if (to === 0) to = from;
      if (seq <= to || ahead.has(seq)) repeated += 1;
      else ahead.add(seq);
    }
    while (ahead.delete(to + 1)) to += 1;
    for (const seq of ahead) if (seq <= to) ahead.delete(seq);
  }
  const end = Math.max(to, ...ahead);
  const missing: number[] = [];
  for (let seq = to + 1; seq < end; seq++) if (!ahead.has(seq)) missing.push(seq);
  return { from: from ?? 0, to, missing, repeated, gap_free: missing.length === 0 };
}
