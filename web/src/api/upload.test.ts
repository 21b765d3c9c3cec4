import { afterEach, expect, test, vi } from "vitest";
import { sendFile } from "./upload";

const file = new File(["x".repeat(9 << 20)], "shop.csv", { lastModified: 7 });
const size = file.size;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A server that keeps pieces; `breaks` are the numbers of the pieces that break off after 1 MB has arrived. */
function server(begun: number, mark: string, breaks: number[]) {
  const state = { offset: begun, pieces: 0, created: 0, asked: 0 };
  const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
  const upload = () => ({ id: "u1", name: "shop", filename: "shop.csv", mark, size, offset: state.offset });
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    if (path === "/api/v1/uploads" && init.method === "GET")
      return answer(200, { items: begun > 0 ? [upload()] : [] });
    if (path === "/api/v1/uploads") {
      state.created += 1;
      state.offset = 0;
      return answer(201, upload());
    }
    if (init.method === "GET") {
      state.asked += 1;
      return answer(200, upload());
    }
    state.pieces += 1;
    const from = Number(new Headers(init.headers).get("Upload-Offset"));
    if (from !== state.offset || !(init.body instanceof Blob)) return answer(409, { title: "conflict" });
    if (breaks.includes(state.pieces)) {
      state.offset += 1 << 20;
      throw new TypeError("the line broke");
    }
    state.offset += init.body.size;
    return answer(200, upload());
  });
  return state;
}

const never = () => new AbortController().signal;

test("a file goes in pieces, and after a break from what the server has", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 200 });
  const state = server(0, "7", [2, 3]);
  const shares: boolean[] = [];
  const whole = await sendFile(file, "shop", (sent) => shares.push(sent.waiting), never());
  expect(whole.offset).toBe(size);
  expect(state).toMatchObject({ offset: size, created: 1, asked: 2 });
  expect(shares).toContain(true);
  expect(shares.at(-1)).toBe(false);
});

test("the same file goes on where it stopped; another of its name begins anew", async () => {
  const same = server(8 << 20, "7", []);
  await sendFile(file, "shop", () => undefined, never());
  expect(same).toMatchObject({ offset: size, created: 0, pieces: 1 });
  const other = server(8 << 20, "6", []);
  await sendFile(file, "shop", () => undefined, never());
  expect(other).toMatchObject({ offset: size, created: 1, pieces: 3 });
});
