import type { QueryClient } from "@tanstack/react-query";
import type { ViewMode } from "../api/poll";
import type { ApiError } from "../api/problem";
import { configOf } from "./config";
import { type Followed, freshFollowed, nothingFollowed, useConnection } from "./connection";
import { keyOf, onReceive, receive, take, traceOf } from "./known";
import { type Link, type LinkState, openLink } from "./link";
import { committed, hasGap, type Known } from "./merge";
import { ask, askState, polling } from "./polling";
import { ladderMemory, usePreference } from "./preference";
import { sse } from "./sse";
import { joinTabs, type Report } from "./tabs";
import type { Transport } from "./transport";
import { websocket } from "./websocket";
import { useWizardStore } from "./wizardStore";

/** So long may the server hold a poll until something happens: less than any proxy waits. */
const holdMs = 10_000;
/** Who stops typing still edits for so long. */
const editsForMs = 20_000;
/** What another tab was told comes here within this time, or is fetched. */
const lateMs = 700;

const looked = () => document.visibilityState !== "hidden";

const atRest = ({ state: { status } }: Known) =>
  status === "completed" || status === "cancelled" || status === "error";

/** Keeps one investigation in step with the server, together with the other tabs that show it. Returns how to stop. */
export function follow(client: QueryClient, id: string, onGone: (error: ApiError) => void): () => void {
  const known = () => client.getQueryData<Known>(keyOf(id));
  const version = () => known()?.state.version ?? 0;
  let followed = freshFollowed(id, () => traceOf(id).document(id, version(), Date.now()));
  let link: Link | null = null;
  let filling: AbortController | null = null;
  let behind: ReturnType<typeof setTimeout> | undefined;
  let typing: ReturnType<typeof setTimeout> | undefined;
  let mode: ViewMode = "viewing";

  const polls = () => configOf(client).features.polling;
  const question: typeof ask = (...what) => (polls() ? ask : askState)(...what);

  function tell(change: Partial<Followed>) {
    followed = { ...followed, ...change };
    const { lost, retryAt } = followed.link;
    useConnection.setState({ lost, retryAt, retryNow, followed });
  }

  function retryNow() {
    if (link) link.nudge();
    else tabs.nudge();
  }

  /** Fetches what is missing, where something is. */
  function complete(now: Known | undefined) {
    if (!now) return;
    if (now.outdated) void client.invalidateQueries({ queryKey: keyOf(id) });
    else if (hasGap(now)) fill();
  }

  function fill() {
    if (link) return link.fill();
    if (filling) return;
    const abort = new AbortController();
    filling = abort;
    question(id, known()?.cursor ?? 0, { mode, signal: abort.signal })
      .then(({ news }) => {
        for (const one of news) {
          if (one.kind === "delta") take(client, id, one.delta, "reconcile", false);
        }
      })
      .catch(() => undefined) // the leader tells of the connection
      .finally(() => {
        filling = null;
      });
  }

  function durable(seq: number, whole: boolean) {
    complete(client.setQueryData<Known>(keyOf(id), (now) => committed(now, seq, whole)));
    if (seq > version()) fill();
  }

  function onState(state: LinkState) {
    tell({ link: state, byOtherTab: false });
    tabs.tellReport();
  }

  function lead() {
    const transports: Record<"websocket" | "sse" | "longpoll" | "poll", Transport> = {
      websocket,
      sse,
      longpoll: polling(question, holdMs),
      poll: polling(question, 0),
    };
    link = openLink({
      id,
      transports,
      question,
      cursor: () => known()?.cursor ?? null,
      circumstances: () => {
        const now = known();
        const { streams, polling } = configOf(client).features;
        const pollOnly = usePreference.getState().followBy === "poll";
        return { streams, polling, pollOnly, atRest: now !== undefined && atRest(now) };
      },
      visible: () => tabs.audience().visible,
      mode: () => tabs.audience().mode,
      polling: () => configOf(client).polling,
      ladder: ladderMemory.load(Date.now()),
      onLadder: ladderMemory.save,
      onDelta: (delta, by) => complete(receive(client, id, delta, by)),
      onDurable: durable,
      onViewers: (viewers) => tell({ viewers }),
      onState,
      onGone,
    });
    return () => {
      link?.close();
      link = null;
    };
  }

  const tabs = joinTabs({
    name: `olorin-${id}`,
    visible: looked,
    mode: () => mode,
    lead,
    report: (): Report => ({ version: version(), link: followed.link, viewers: followed.viewers }),
    onDelta: (delta, by) => complete(take(client, id, delta, by, true)),
    onReport(report) {
      tell({ link: report.link, viewers: report.viewers, byOtherTab: true });
      if (report.version > version()) {
        behind ??= setTimeout(() => {
          behind = undefined;
          if (report.version > version()) fill();
        }, lateMs);
      }
    },
    onNudge: () => link?.nudge(),
    onAudience: () => link?.review(),
  });

  function setMode(next: ViewMode) {
    if (mode === next) return;
    mode = next;
    tabs.changed();
  }

  const stops = [
    onReceive(id, (delta, by) => tabs.share(delta, by)),
    usePreference.subscribe(() => link?.review()),
    useWizardStore.subscribe((now, before) => {
      if (now.unsent[id] === before.unsent[id]) return;
      clearTimeout(typing);
      setMode("editing");
      typing = setTimeout(() => setMode("viewing"), editsForMs);
    }),
  ];
  const onVisibility = () => {
    tabs.changed();
    if (looked()) retryNow();
  };
  document.addEventListener("visibilitychange", onVisibility);
  tell({});

  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    for (const stop of stops) stop();
    clearTimeout(behind);
    clearTimeout(typing);
    filling?.abort();
    tabs.close();
    useConnection.setState(nothingFollowed);
  };
}
