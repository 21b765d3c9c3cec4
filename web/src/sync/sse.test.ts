import fc from "fast-check";
import { expect, test } from "vitest";
import { type Message, readMessage } from "../api/stream";
import { messageReader } from "./sse";

const event = (seq: number) =>
  JSON.stringify({
    seq,
    at: "2026-11-22T09:00:00.000Z",
    type: "step.changed",
    actor: { kind: "user", id: "ana" },
    source: "user",
    data: { step: "progress" },
  });

const text = [
  "retry: 1000\n\n",
  `id: 2\nevent: step.changed\ndata: ${event(2)}\n\n`,
  ": still here\n\n",
  `event: step.changed\ndata: ${event(3)}\n\n`,
  'event: presence\ndata: {"viewers":[{"user_id":"ana","mode":"editing","since":"2026-11-22T09:00:00.000Z"}]}\n\n',
  'id: 3\nevent: durable\ndata: {"seq":3}\n\n',
  'event: end\ndata: {"status":"completed"}\n\n',
].join("");

const readIn = (pieces: string[]) => {
  const messages: (Message | null)[] = [];
  const read = messageReader((message) => messages.push(message));
  for (const piece of pieces) read(piece);
  return messages;
};

test("a stream is read alike, wherever it is cut into pieces", () => {
  const whole = readIn([text]);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length)), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), text.length];
      expect(readIn(at.slice(1).map((end, i) => text.slice(at[i], end)))).toEqual(whole);
    }),
  );
  expect(whole.filter((m) => m === null)).toHaveLength(2);
  const frames = whole.filter((m) => m !== null).map(readMessage);
  expect(frames.map((f) => f.type)).toEqual(["event", "event", "presence", "durable", "end"]);
  expect(frames[2]).toMatchObject({ viewers: [{ user_id: "ana", mode: "editing" }] });
});
