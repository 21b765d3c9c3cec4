import { useCallback, useEffect, useState } from "react";
import type * as z from "zod";
import { create } from "zustand";
import { useConfig } from "./config";
import { same } from "./draft";
import { useMe } from "./session";
import { keep, takeOver } from "./vault";
import { useWizardStore } from "./wizardStore";

/** What stands in forms and was not sent, by form. */
const useForms = create<{ entries: Record<string, unknown> }>(() => ({ entries: {} }));

export type FormDraft<T> = {
  value: T;
  set: (change: (now: T) => T) => void;
  /** It was sent, or given up: the form is as it begins. */
  forget: () => void;
  /** What stands there was typed before the form was opened. */
  restored: boolean;
};

/**
 * What a person enters into a form, until it is sent: a failed save, an expired session, a closed tab and a second window lose
 * nothing of it. `form` names the form and what it is about; `start` is how it begins.
 */
export function useDraft<T>(form: string, shape: z.ZodType<T>, start: T): FormDraft<T> {
  const id = `form ${useMe().data?.id ?? ""} ${form}`;
  const wanted = useConfig().features.state_recovery;
  const parsed = shape.safeParse(useForms((forms) => forms.entries[id]));
  const value = parsed.success ? parsed.data : start;
  const dirty = parsed.success;
  const [restored, setRestored] = useState(dirty);

  const hold = useCallback(
    (entry: T | undefined) => {
      useForms.setState(({ entries }) => ({ entries: { ...entries, [id]: entry } }));
      if (wanted) useWizardStore.setState({ kept: keep(id, { adding: "", form: entry }) });
    },
    [id, wanted],
  );
  const set = useCallback(
    (change: (now: T) => T) => {
      const now = shape.safeParse(useForms.getState().entries[id]); // two changes may come of one event
      const next = change(now.success ? now.data : start);
      hold(same(next, start) ? undefined : next);
    },
    [hold, id, shape, start],
  );

  useEffect(() => {
    if (!wanted) return;
    const closed = new AbortController();
    takeOver(
      id,
      async ({ form }) => {
        const left = shape.safeParse(form);
        if (!left.success) return;
        if (useForms.getState().entries[id] !== undefined)
          throw new Error("this window has entries of its own");
        useForms.setState(({ entries }) => ({ entries: { ...entries, [id]: left.data } }));
        keep(id, { adding: "", form: left.data });
        setRestored(true);
      },
      closed.signal,
    );
    return () => closed.abort();
  }, [id, shape, wanted]);

  useEffect(() => {
    // where the browser keeps no copy, closing the page would lose what stands here
    const ask = (event: BeforeUnloadEvent) => {
      if (dirty && !(wanted && useWizardStore.getState().kept)) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty, wanted]);

  return {
    value,
    restored: restored && dirty,
    set,
    forget: () => {
      setRestored(false);
      hold(undefined);
    },
  };
}
