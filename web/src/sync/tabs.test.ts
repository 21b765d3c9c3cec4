import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sampleEvent } from "../testing/sample";
import { noLink } from "./link";
import type { Delta } from "./merge";
import { joinTabs, type TabOptions, type Tabs } from "./tabs";

type Held = { refuse: (error: Error) => void };

/** One browser's Web Locks and channels, as the standards say they behave. */
function browser() {
  let holder: Held | null = null;
  const queue: (() => void)[] = [];
  const channels = new Set<{ onmessage: ((event: MessageEvent) => void) | null; hung: boolean }>();

  function next() {
    holder = null;
    queue.shift()?.();
  }
  const request = (
    _name: string,
    { steal, signal }: { steal?: boolean; signal?: AbortSignal },
    held: () => Promise<void>,
  ) =>
    new Promise<void>((done, refuse) => {
      const take = () => {
        const mine = { refuse };
        holder = mine;
        held().then(() => {
          done();
          if (holder === mine) next();
        });
      };
      if (steal) {
        holder?.refuse(new Error("stolen"));
        return take();
      }
      signal?.addEventListener("abort", () => {
        const at = queue.indexOf(take);
        if (at >= 0) queue.splice(at, 1);
        refuse(new Error("aborted"));
      });
      if (holder) queue.push(take);
      else take();
    });

  function channel() {
    const mine = {
      onmessage: null as ((event: MessageEvent) => void) | null,
      hung: false,
      postMessage(data: unknown) {
        if (mine.hung) return;
        const copy = structuredClone(data);
        for (const other of channels) {
          if (other === mine) continue;
          setTimeout(() => !other.hung && other.onmessage?.(new MessageEvent("message", { data: copy })), 0);
        }
      },
      close: () => channels.delete(mine),
    };
    channels.add(mine);
    return mine;
  }
  return { request, channel };
}

let open: Tabs[];
beforeEach(() => {
  vi.useFakeTimers();
  open = [];
});
afterEach(() => {
  for (const tab of open) tab.close();
  vi.useRealTimers();
});

function tabOf({ request, channel }: ReturnType<typeof browser>, looked = true) {
  const got: Delta[] = [];
  const reports: number[] = [];
  const line = channel();
  const self = { looked, leads: 0, version: 1, nudged: 0 };
  const options: TabOptions = {
    name: "olorin-i",
    visible: () => self.looked,
    mode: () => "viewing",
    lead: () => {
      self.leads += 1;
      return () => {
        self.leads -= 1;
      };
    },
    report: () => ({ version: self.version, link: noLink, viewers: [] }),
    onDelta: (delta) => got.push(delta),
    onReport: ({ version }) => reports.push(version),
    onNudge: () => {
      self.nudged += 1;
    },
    onAudience: () => undefined,
    locks: { request } as unknown as LockManager,
    channel: () => line as unknown as BroadcastChannel,
  };
  const tabs = joinTabs(options);
  open.push(tabs);
  return { tabs, self, got, reports, hang: () => Object.assign(line, { hung: true }) };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const delta: Delta = { events: [sampleEvent(2, "step.changed", { step: "progress" })] };

test("one tab follows and shares; when it is gone, the next follows at once", async () => {
  const tabs = browser();
  const [a, b, c] = [tabOf(tabs), tabOf(tabs), tabOf(tabs)];
  await pass(1000);
  expect([a, b, c].map((t) => t.self.leads)).toEqual([1, 0, 0]);
  a.tabs.share(delta, "websocket");
  b.tabs.nudge();
  await pass(1000);
  expect([a, b, c].map((t) => t.got)).toEqual([[], [delta], [delta]]);
  expect(b.reports.at(-1)).toBe(1);
  expect(a.self.nudged).toBe(1);
  a.tabs.close();
  await pass(1);
  expect([a, b, c].map((t) => t.self.leads)).toEqual([0, 1, 0]);
});

test("a tab that is looked at takes over from one that is not, and not from one that is", async () => {
  const tabs = browser();
  const a = tabOf(tabs);
  await pass(1000);
  const b = tabOf(tabs);
  await pass(1000);
  expect([a.self.leads, b.self.leads]).toEqual([1, 0]);
  a.self.looked = false;
  a.tabs.changed();
  b.tabs.changed();
  await pass(500);
  expect([a.self.leads, b.self.leads]).toEqual([0, 1]);
  expect(a.tabs.audience().visible).toBe(true);
  b.tabs.close();
  await pass(1);
  expect(a.self.leads).toBe(1);
});

test("a leader that hangs is replaced", async () => {
  const tabs = browser();
  const a = tabOf(tabs);
  await pass(1000);
  const b = tabOf(tabs);
  await pass(4000);
  expect(b.self.leads).toBe(0);
  a.hang();
  await pass(8000);
  expect(b.self.leads).toBe(1);
});

test("where the browser has no locks or no channels, each tab follows by itself", async () => {
  const lead = vi.fn(() => () => undefined);
  const alone = joinTabs({
    name: "olorin-i",
    visible: () => true,
    mode: () => "viewing",
    lead,
    report: () => ({ version: 1, link: noLink, viewers: [] }),
    onDelta: () => undefined,
    onReport: () => undefined,
    onNudge: () => undefined,
    onAudience: () => undefined,
    locks: undefined,
  });
  open.push(alone);
  await pass(0);
  expect(lead).toHaveBeenCalledTimes(1);
  expect(alone.leading()).toBe(true);
});
