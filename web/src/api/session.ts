import * as z from "zod/mini";
import { get, renew, send, sendOnly } from "./client";
import { instant } from "./shape";

const me = z.object({ id: z.string(), name: z.string(), role: z.string() });
export type Me = z.infer<typeof me>;

const login = z.object({ user: me, access_token: z.string(), expires_at: instant });

const presence = z.object({ user: z.nullable(me), renewable: z.boolean() });

/** Who is logged in; null where nobody is. Renews the session once where it can. */
export async function getMe(signal?: AbortSignal): Promise<Me | null> {
  const ask = () => get("/auth/session", presence, { signal, onUnauthorized: "fail" });
  const { user, renewable } = await ask();
  return user ?? (renewable && (await renew()) ? (await ask()).user : null);
}

export const logIn = (username: string, password: string) =>
  send(
    { method: "POST", path: "/auth/login", body: { username, password }, onUnauthorized: "fail" },
    login,
  ).then((answer) => answer.data.user);

export const logOut = () =>
  sendOnly({ method: "POST", path: "/auth/logout", body: {}, onUnauthorized: "fail" });
