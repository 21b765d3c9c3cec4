// Follows one investigation by every transport at once, with the clients that anyone can install, until its run has ended.
// Takes: the address, an address whose connection is slow, the investigation, a token. Prints {"way": [seq, …]}, as they came:
// what a client holds is never filtered here, so that a gap or a repetition shows.
import { setTimeout as sleep } from "node:timers/promises";
import { EventSource } from "eventsource";
import WebSocket from "ws";

const [url, slow, id, token] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}` };
const terminal = ["completed", "error", "cancelled"];
const again = 100; // ms between two tries

async function poll(wait) {
  const seqs = [];
  let cursor = 0;
  let tag = "";
  for (;;) {
    try {
      const answer = await fetch(`${url}/api/v1/wizard/${id}/poll?cursor=${cursor}&limit=40&wait_ms=${wait}`, {
        headers: tag === "" ? headers : { ...headers, "If-None-Match": tag },
        signal: AbortSignal.timeout(40_000),
      });
      if (answer.status === 304) {
        await sleep(wait > 0 ? 0 : Number(answer.headers.get("X-Poll-After-Ms")));
        continue;
      }
      if (answer.status !== 200) {
        await sleep(again);
        continue;
      }
      const news = await answer.json();
      if (news.reset) throw new RangeError("a cursor that the log holds was answered by a reset");
      seqs.push(...news.events.map((event) => event.seq));
      cursor = news.next_cursor;
      tag = news.has_more ? "" : (answer.headers.get("ETag") ?? "");
      if (terminal.includes(news.status) && !news.has_more && cursor === news.version) return seqs;
      if (!news.has_more && wait === 0) await sleep(news.poll_after_ms);
    } catch (error) {
      if (error instanceof RangeError) throw error;
      await sleep(again);
    }
  }
}

const types = [
  ...["investigation.created", "settings.changed", "step.changed", "status.changed", "phase.changed", "agent.changed", "tool.changed"],
  ...["progress.changed", "log.appended", "finding.added", "results.changed", "checkpoint.created", "checkpoint.restored"],
  ...["conflict.detected", "investigation.archived", "investigation.unarchived"],
];

function sse(base) {
  const seqs = [];
  return new Promise((done, fail) => {
    const open = () => {
      const cursor = seqs.at(-1) ?? 0; // where the source gives up by itself, another goes on
      const source = new EventSource(`${base}/api/v1/wizard/${id}/events?cursor=${cursor}`, {
        fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...headers } }),
      });
      for (const type of types) {
        source.addEventListener(type, (event) => {
          const { seq } = JSON.parse(event.data);
          if (event.lastEventId !== String(seq)) fail(new Error(`event ${seq} has the id ${event.lastEventId}`));
          seqs.push(seq);
        });
      }
      source.addEventListener("reset", () => fail(new Error("reset")));
      source.addEventListener("end", () => {
        source.close();
        done(seqs);
      });
      source.addEventListener("error", () => {
        if (source.readyState === EventSource.CLOSED) setTimeout(open, again);
      });
    };
    open();
  });
}

function ws(base) {
  const seqs = [];
  return new Promise((done, fail) => {
    const open = () => {
      let over = false;
      const socket = new WebSocket(`${base.replace("http", "ws")}/api/v1/wizard/${id}/ws?cursor=${seqs.at(-1) ?? 0}`, "olorin.v1", { headers });
      socket.on("message", (data) => {
        const frame = JSON.parse(data.toString());
        if (frame.type === "event") seqs.push(frame.event.seq);
        if (frame.type === "reset") fail(new Error("reset"));
        over ||= frame.type === "end";
      });
      socket.on("error", () => {}); // close follows
      socket.on("close", (code) => {
        if (over && code === 1000) done(seqs);
        else setTimeout(open, again);
      });
    };
    open();
  });
}

const ways = { poll: poll(0), "long poll": poll(20_000), sse: sse(url), ws: ws(url), "slow sse": sse(slow), "slow ws": ws(slow) };
const held = {};
await Promise.all(
  Object.entries(ways).map(async ([way, follows]) => {
    held[way] = await follows;
  }),
);
console.log(JSON.stringify(held));
process.exit(0);
