import type { Followed } from "../sync/connection";
import type { Preference } from "../sync/preference";
import { t } from "./texts";

/** An answer that takes longer, in ms, is told. */
const slowAnswerMs = 800;

/** Why what happens on the server is not here at once, in words. Empty where it is. */
export function slowness({ link }: Followed, followBy: Preference, now: number): string[] {
  const words = t.sync.reasons;
  const why: string[] = [];
  if (followBy === "poll") why.push(words.pollOnly);
  else {
    for (const { rung, until } of link.blocked) {
      const seconds = Math.ceil((until - now) / 1000);
      why.push(words.blocked(t.sync.ways[rung], seconds > 0 ? t.sync.retryIn(seconds) : t.sync.retryingNow));
    }
  }
  if (link.phase === "asleep") why.push(words.asleep);
  else if (link.rung === "poll" || link.rung === "longpoll") {
    const { reason } = link;
    if (reason === "terminal" || reason === "idle" || reason === "waiting" || reason === "server_busy") {
      why.push(words[reason]);
    }
  }
  if (link.latencyMs !== null && link.latencyMs > slowAnswerMs) {
    why.push(words.slowAnswers(t.sync.ms(link.latencyMs)));
  }
  return why;
}
