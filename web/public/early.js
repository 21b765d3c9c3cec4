// Runs before everything else.
(() => {
  // zod tries at first whether it may compile code; the page's policy forbids it, and the browser would report each try
  globalThis.__zod_globalConfig = { jitless: true };

  // before the first paint, so that a dark screen never flashes white
  let chosen = null;
  try {
    chosen = localStorage.getItem("olorin-color-scheme");
  } catch {
    // storage is refused: follow the system
  }
  const dark =
    chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
  if (location.pathname === "/login") document.documentElement.dataset.outline = "none"; // it has no frame
})();
