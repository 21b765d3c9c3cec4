import * as z from "zod";
import { get, send, sendOnly } from "./client";
import { instant } from "./shape";

const me = z.object({ id: z.string(), name: z.string(), role: z.string() });
export type Me = z.infer<typeof me>;

const login = z.object({ user: me, access_token: z.string(), expires_at: instant });

/** Who is logged in. Renews the session once where it can; a 401 ApiError where nobody is. */
export async function getMe(signal?: AbortSignal): Promise<Me> {
  return get("/auth/me", me, { signal, onUnauthorized: "fail" });
}

export const logIn = (username: string, password: string) =>
  send(
    { method: "POST", path: "/auth/login", body: { username, password }, onUnauthorized: "fail" },
    login,
  ).then((answer) => answer.data.user);

export const logOut = () =>
  sendOnly({ method: "POST", path: "/auth/logout", body: {}, onUnauthorized: "fail" });
