import * as z from "zod";
import { get, send, sendOnly } from "./client";
import { type Dataset, dataset } from "./dataset";
import { ApiError, OFFLINE } from "./problem";
import { list } from "./shape";

const upload = z.object({
  id: z.string(),
  name: z.string(),
  filename: z.string(),
  /** What this page knew the file by, so that another of the same name is not mixed into it. */
  mark: z.string(),
  size: z.number(),
  /** Bytes that the server has. */
  offset: z.number(),
});
export type Upload = z.infer<typeof upload>;

const path = (id: string) => `/uploads/${encodeURIComponent(id)}`;

/** The uploads that are under way or broke off. */
export const getUploads = (signal?: AbortSignal) =>
  get("/uploads", z.object({ items: list(upload) }), { signal }).then((answer) => answer.items);

export const deleteUpload = (id: string) => sendOnly({ method: "DELETE", path: path(id) });

/** Makes a data set of a file that has come whole. Where it is refused the upload stays, to be asked for otherwise. */
export const finishUpload = (id: string, skipMalformed: boolean, signal: AbortSignal): Promise<Dataset> =>
  send(
    { method: "POST", path: `${path(id)}/finish`, body: { skip_malformed: skipMalformed }, signal },
    dataset,
  ).then((answer) => answer.data);

const pieceBytes = 4 << 20;

/** Tells this file from another of the same name. */
const markOf = (file: File) => String(file.lastModified);

type Progress = (sent: { id: string; share: number; waiting: boolean }) => void;

/**
 * Sends a file in pieces and returns the upload, whole. Where an upload of the same file broke off, it goes on from there; where
 * the connection breaks, it waits and goes on from what the server has.
 */
export async function sendFile(
  file: File,
  name: string,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<Upload> {
  const known = (await getUploads(signal)).find(
    (u) => u.filename === file.name && u.size === file.size && u.mark === markOf(file),
  );
  let at =
    known ??
    (
      await send(
        {
          method: "POST",
          path: "/uploads",
          body: { filename: file.name, size: file.size, name, mark: markOf(file) },
          signal,
        },
        upload,
      )
    ).data;
  let failures = 0;
  while (at.offset < at.size) {
    onProgress({ id: at.id, share: at.offset / at.size, waiting: failures > 0 });
    try {
      const piece = file.slice(at.offset, at.offset + pieceBytes);
      const headers = {
        "Upload-Offset": String(at.offset),
        "Content-Type": "application/offset+octet-stream",
      };
      at = (await send({ method: "PATCH", path: path(at.id), body: piece, headers, signal }, upload)).data;
      failures = 0;
    } catch (error) {
      if (!mayPass(error)) throw error;
      failures += 1;
      onProgress({ id: at.id, share: at.offset / at.size, waiting: true });
      await pause(Math.min(500 * 2 ** failures, 15_000), signal);
      at = await standing(at, signal);
    }
  }
  onProgress({ id: at.id, share: 1, waiting: false });
  return at;
}

/** What the server has of an upload; where it cannot be asked, what was known. */
async function standing(at: Upload, signal: AbortSignal): Promise<Upload> {
  try {
    return await get(path(at.id), upload, { signal });
  } catch (error) {
    if (!mayPass(error)) throw error;
    return at;
  }
}

/** Tells what is worth another try: no connection, a busy or failing server, a piece that the server has already. */
function mayPass(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.status === OFFLINE || error.status === 409 || error.status === 429 || error.status >= 500)
  );
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}
