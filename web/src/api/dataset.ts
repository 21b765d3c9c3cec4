import * as z from "zod";
import { apiUrl, get, parseBody, put, refusalFrom, sendOnly } from "./client";
import { ApiError, OFFLINE } from "./problem";
import { randomId } from "./random";
import { instant, list, orNull, textOrEmpty } from "./shape";

const column = z.object({
  source: z.string(),
  /** The column of the canonical schema it was taken for; empty where none fits. */
  canonical: z.string(),
  /** 0..1; 1 where a person said so. */
  confidence: z.number(),
  kind: z.string(),
  /** Known outcome: set apart, no check reads it. */
  label: z.boolean(),
  nulls: z.number(),
  unreadable: z.number().default(0),
  samples: list(z.string()),
});
export type Column = z.infer<typeof column>;

const dataset = z.object({
  id: z.string(),
  name: z.string(),
  filename: textOrEmpty,
  rows: z.number(),
  rejected_rows: z.number(),
  bytes: z.number(),
  sha256: z.string(),
  created_at: instant,
  first_event_at: orNull(instant),
  last_event_at: orNull(instant),
  columns: list(column),
  in_use: z.boolean(),
});
export type Dataset = z.infer<typeof dataset>;

const columnsPage = z.object({
  columns: list(column),
  canonical: list(z.object({ name: z.string(), title: z.string(), type: z.string() })),
  preview: list(
    z.object({
      row: z.number(),
      values: z.record(
        z.string(),
        z
          .string()
          .nullable()
          .transform((v) => v ?? ""),
      ),
    }),
  ),
});
export type ColumnsPage = z.infer<typeof columnsPage>;

const path = (id: string) => `/datasets/${encodeURIComponent(id)}`;

export const getDatasets = (signal?: AbortSignal) =>
  get("/datasets", z.object({ items: list(dataset) }), { signal }).then((answer) => answer.items);

export const getDataset = (id: string, signal?: AbortSignal) => get(path(id), dataset, { signal });

export const getColumns = (id: string, signal?: AbortSignal) =>
  get(`${path(id)}/columns`, columnsPage, { signal });

/** Says by hand which source column each canonical column is read from. */
export const setColumns = (id: string, mapping: Record<string, string>) =>
  put(`${path(id)}/columns`, { mapping }, dataset).then((answer) => answer.data);

export const deleteDataset = (id: string) => sendOnly({ method: "DELETE", path: path(id) });

/**
 * Sends a file. `onProgress` gets the share 0..1 of its bytes that have left; 1 means that the
 * server is reading it. fetch cannot tell how far an upload is, hence XMLHttpRequest.
 */
export function uploadDataset(
  file: File,
  name: string,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Dataset> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("name", name);
    form.append("file", file);
    request.open("POST", apiUrl("/datasets"));
    request.setRequestHeader("Accept", "application/json, application/problem+json");
    request.setRequestHeader("Idempotency-Key", randomId());
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      const headers = new Headers();
      for (const header of ["Retry-After", "X-Request-Id"]) {
        const value = request.getResponseHeader(header);
        if (value !== null) headers.set(header, value);
      }
      if (request.status >= 200 && request.status < 300) {
        try {
          resolve(parseBody("/datasets", request.responseText, dataset));
        } catch (error) {
          reject(error);
        }
        return;
      }
      reject(refusalFrom(request.status, request.statusText, request.responseText, headers));
    };
    request.onerror = () =>
      reject(
        new ApiError({
          type: "about:blank",
          title: "Upload interrupted",
          status: OFFLINE,
          detail: "The connection broke while the file was being sent. Nothing was kept; send it again.",
          code: "offline",
          errors: [],
        }),
      );
    request.onabort = () => reject(new DOMException("upload cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}
