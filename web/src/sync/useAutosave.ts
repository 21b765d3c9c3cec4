import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { type Draft, saveDraft } from "../api/investigation";
import { Autosave, type SaveState } from "./autosave";
import { useConnection } from "./connection";
import { draftOf } from "./draft";
import { configOf, receive, useInvestigation } from "./useInvestigation";
import { useWizardStore } from "./wizardStore";

export type Saving = {
  autosave: Autosave;
  state: SaveState;
  /** What the form shows: the person's entries, else the server's; null before the first load. */
  draft: Draft | null;
  edit: (change: (draft: Draft) => Draft) => void;
};

/** The autosave of one investigation, for as long as the component is mounted. */
export function useAutosave(id: string): Saving {
  const client = useQueryClient();
  const server = useInvestigation(id).data;
  const unsent = useWizardStore((store) => store.unsent[id]);
  const [state, setState] = useState<SaveState>({ kind: "idle" });

  const autosave = useMemo(() => {
    setState({ kind: "idle" });
    return new Autosave({
      save: (draft, version, keepalive) => saveDraft(id, draft, version, keepalive),
      unsent: () => useWizardStore.getState().unsent[id],
      setUnsent: (entry) => {
        const store = useWizardStore.getState();
        if (entry) store.put(id, entry);
        else store.drop(id);
      },
      onServerState: (saved) => receive(client, id, { state: saved }),
      onState: (next) => {
        setState(next);
        useConnection.setState({
          saving: next.kind === "saving" || next.kind === "waiting",
          ...(next.kind === "saved" ? { inMemory: !next.durable } : {}),
        });
      },
      backoff: () => {
        const { backoff_multiplier, max_backoff_ms } = configOf(client).polling;
        return { multiplier: backoff_multiplier, maxMs: max_backoff_ms };
      },
    });
  }, [client, id]);

  useEffect(() => {
    if (server) autosave.serverMoved(server);
  }, [autosave, server]);

  useEffect(() => {
    const leave = () => autosave.flushOnLeave();
    const retry = () => autosave.retry();
    window.addEventListener("pagehide", leave);
    window.addEventListener("online", retry);
    const unsubscribe = useConnection.subscribe((now, before) => {
      if (before.lost && !now.lost) retry();
    });
    return () => {
      unsubscribe();
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("online", retry);
      void autosave.flush();
      useConnection.setState({ saving: false });
    };
  }, [autosave]);

  const draft = unsent?.mine ?? (server ? draftOf(server) : null);
  return { autosave, state, draft, edit: (change) => autosave.edit(change) };
}
