import { createContext, useContext } from "react";
import type { Saving } from "../../sync/useAutosave";

/** The autosave of the open investigation. */
export const SavingContext = createContext<Saving | null>(null);

export function useSaving(): Saving {
  const saving = useContext(SavingContext);
  if (!saving) throw new Error("no investigation is open around this component");
  return saving;
}
