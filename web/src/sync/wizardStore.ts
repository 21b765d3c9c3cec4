import { create } from "zustand";
import { type Held, type Kept, keep, sweep, type Unsent } from "./vault";

type WizardStore = {
  /** What was entered and is not confirmed, by investigation. There only while it differs from what the server holds. */
  unsent: Record<string, Unsent>;
  /** What the server took and may yet lose, by investigation. */
  held: Record<string, Held>;
  /** What is typed into the field that adds entities, by investigation. */
  adding: Record<string, string>;
  /** The browser has a copy of all this; false where its storage is full or refused. */
  kept: boolean;
  /** Whether a copy is wanted; the server's configuration can forbid it. */
  recovery: boolean;
  /** Changes what is held of one investigation, here and in the browser's storage. */
  hold: (id: string, change: Partial<Kept>) => void;
};

/** What this window holds that the server has not confirmed. */
export const useWizardStore = create<WizardStore>()((set, get) => ({
  unsent: {},
  held: {},
  adding: {},
  kept: true,
  recovery: true,
  hold(id, change) {
    const { unsent, held, adding, recovery } = get();
    const entry: Kept = { unsent: unsent[id], held: held[id], adding: adding[id] ?? "", ...change };
    set({
      unsent: withEntry(unsent, id, entry.unsent),
      held: withEntry(held, id, entry.held),
      adding: withEntry(adding, id, entry.adding || undefined),
      ...(recovery ? { kept: keep(id, entry) } : {}),
    });
  },
}));

/** Follows the configuration: where no copy is wanted, none is left. */
export function allowRecovery(recovery: boolean) {
  sweep(!recovery);
  useWizardStore.setState({ recovery });
}

function withEntry<T>(entries: Record<string, T>, id: string, entry: T | undefined): Record<string, T> {
  const { [id]: _, ...rest } = entries;
  return entry === undefined ? rest : { ...rest, [id]: entry };
}
