import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { type Draft, saveDraft } from "../api/investigation";
import { Autosave, type SaveState } from "./autosave";
import { configOf, useConfig } from "./config";
import { useConnection } from "./connection";
import { draftOf, same } from "./draft";
import { investigationQuery, keyOf, receive } from "./known";
import type { Known } from "./merge";
import { mergeDrafts } from "./threeWay";
import { takeOver } from "./vault";
import { allowRecovery, useWizardStore } from "./wizardStore";

export type Saving = {
  autosave: Autosave;
  state: SaveState;
  /** What the form shows: the person's entries, else the server's; null before the first load. */
  draft: Draft | null;
  /** Makes of what is shown what it returns; what has changed beneath since it was shown stays. */
  edit: (change: (shown: Draft) => Draft) => void;
};

/**
 * The autosave of one investigation, for as long as the component is mounted. `onLost`, a constant function, is told
 * that the server lost what it held in memory, and that it is sent again.
 */
export function useAutosave(id: string, onLost: () => void): Saving {
  const client = useQueryClient();
  const known = useQuery(investigationQuery(id)).data;
  const server = known?.state;
  const unsent = useWizardStore((store) => store.unsent[id]);
  const [state, setState] = useState<SaveState>({ kind: "idle" });

  const autosave = useMemo(() => {
    setState({ kind: "idle" });
    let committed = 0; // how far the log was, as of the last save
    return new Autosave({
      save: async (draft, version, keepalive) => {
        const answer = await saveDraft(id, draft, version, keepalive);
        committed = answer.saved.durable;
        return { saved: answer.saved.state, durable: answer.durable };
      },
      unsent: () => useWizardStore.getState().unsent[id],
      setUnsent: (entry) => useWizardStore.getState().hold(id, { unsent: entry }),
      held: () => useWizardStore.getState().held[id],
      setHeld: (held) => {
        if (held === useWizardStore.getState().held[id]) return;
        useWizardStore.getState().hold(id, { held });
        useConnection.setState({ inMemory: held !== undefined });
      },
      onLost,
      onServerState: (saved) => receive(client, id, { state: saved, durable: committed }),
      onState: (next) => {
        setState((now) => (same(now, next) ? now : next)); // what is the same draws nothing
        useConnection.setState({
          saving: next.kind === "saving" || next.kind === "waiting",
          refused: next.kind === "failed" || next.kind === "conflict",
        });
      },
      backoff: () => {
        const { backoff_multiplier, max_backoff_ms } = configOf(client).polling;
        return { multiplier: backoff_multiplier, maxMs: max_backoff_ms };
      },
    });
  }, [client, id, onLost]);

  const recovery = useConfig().features.state_recovery;
  useEffect(() => allowRecovery(recovery), [recovery]);

  useEffect(() => {
    // what was drawn may be older than what is known
    const now = client.getQueryData<Known>(keyOf(id)) ?? known;
    if (now) autosave.serverMoved(now.state, now.cursor);
  }, [autosave, client, id, known]);

  useEffect(() => {
    const closed = new AbortController();
    takeOver(
      id,
      async (left) => {
        const { adding, hold } = useWizardStore.getState();
        const here = adding[id] ?? "";
        if (left.adding && left.adding !== here) {
          hold(id, { adding: [here, left.adding].filter(Boolean).join(", ") });
        }
        if (left.held) await autosave.adoptHeld(left.held);
        if (left.unsent) await autosave.adopt(left.unsent);
      },
      closed.signal,
    );
    return () => closed.abort();
  }, [autosave, id]);

  useEffect(() => {
    const leave = () => autosave.flushOnLeave();
    const retry = () => autosave.retry();
    // where the browser keeps no copy, closing the page would lose what is on its way
    const ask = (event: BeforeUnloadEvent) => {
      const store = useWizardStore.getState();
      if (!store.kept && (store.unsent[id] || store.held[id] || store.adding[id])) event.preventDefault();
    };
    window.addEventListener("pagehide", leave);
    window.addEventListener("beforeunload", ask);
    window.addEventListener("online", retry);
    const unsubscribe = useConnection.subscribe((now, before) => {
      if (before.lost && !now.lost) retry();
    });
    return () => {
      unsubscribe();
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("beforeunload", ask);
      window.removeEventListener("online", retry);
      void autosave.flush();
      useConnection.setState({ saving: false, refused: false, inMemory: false });
    };
  }, [autosave, id]);

  const draft = useMemo(() => unsent?.mine ?? (server ? draftOf(server) : null), [unsent, server]);
  const edit = useCallback(
    (change: (shown: Draft) => Draft) => {
      if (!draft) return;
      const changed = change(draft);
      autosave.edit((now) => (now === draft ? changed : mergeDrafts(draft, changed, now).merged));
    },
    [autosave, draft],
  );
  return useMemo(() => ({ autosave, state, draft, edit }), [autosave, state, draft, edit]);
}
