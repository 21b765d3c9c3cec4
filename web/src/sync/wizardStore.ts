import * as z from "zod";
import { create } from "zustand";
import { createJSONStorage, persist, type StateStorage } from "zustand/middleware";
import { settings, step } from "../api/investigation";

const draft = z.object({ name: z.string(), wizard_step: step, settings });

/** What a person entered and the server has not confirmed. */
const unsent = z.object({
  mine: draft,
  /** What the entries were made on: the server's draft at `version`. */
  base: draft,
  version: z.number().int(),
});
export type Unsent = z.infer<typeof unsent>;

const persisted = z.object({ unsent: z.record(z.string(), unsent) });

type WizardStore = z.infer<typeof persisted> & {
  put: (id: string, entry: Unsent) => void;
  drop: (id: string) => void;
};

export const wizardStorageKey = "olorin-wizard";
const wizardStorageVersion = 1;

/** Reads what was stored, by whatever version of the app; entries that cannot be read are left out. */
export function readStored(stored: unknown): z.infer<typeof persisted> {
  const outer = z.object({ unsent: z.record(z.string(), z.unknown()) }).safeParse(stored);
  if (!outer.success) return { unsent: {} };
  const entries: Record<string, Unsent> = {};
  for (const [id, value] of Object.entries(outer.data.unsent)) {
    const parsed = unsent.safeParse(value);
    if (parsed.success) entries[id] = parsed.data;
  }
  return { unsent: entries };
}

/** The browser's storage; where it is full or refused, drafts live as long as the page, and the server has what it confirmed. */
const bestEffort: StateStorage = {
  getItem(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },
  setItem(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch {
      // full or refused; the autosave is not
    }
  },
  removeItem(name) {
    try {
      localStorage.removeItem(name);
    } catch {
      // refused
    }
  },
};

/** The unsent drafts, by investigation. An entry is there only while it differs from what the server holds. */
export const useWizardStore = create<WizardStore>()(
  persist(
    (set) => ({
      unsent: {},
      put: (id, entry) => set((state) => ({ unsent: { ...state.unsent, [id]: entry } })),
      drop: (id) =>
        set((state) => {
          if (!(id in state.unsent)) return state;
          const { [id]: _, ...rest } = state.unsent;
          return { unsent: rest };
        }),
    }),
    {
      name: wizardStorageKey,
      version: wizardStorageVersion,
      storage: createJSONStorage(() => bestEffort),
      partialize: ({ unsent }) => ({ unsent }),
      migrate: readStored,
      merge: (stored, current) => ({ ...current, ...readStored(stored) }),
    },
  ),
);
