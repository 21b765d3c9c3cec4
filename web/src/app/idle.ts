const atMostMs = 2000;

/** Resolves when the browser has nothing more urgent to do. */
export const idle = () =>
  new Promise<void>((go) => {
    // Safari has no such callback
    if ("requestIdleCallback" in window) requestIdleCallback(() => go(), { timeout: atMostMs });
    else setTimeout(go, atMostMs / 10);
  });
