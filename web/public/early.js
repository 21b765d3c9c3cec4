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

  // whoever was logged in here probably is still: what the list shows is asked for while the scripts come
  let here = false;
  try {
    here = localStorage.getItem("olorin-here") !== null;
  } catch {
    // storage is refused: it is asked for later
  }
  if (!here) return;
  const ask = (rel, as, href) =>
    document.head.append(
      Object.assign(document.createElement("link"), { rel, as, crossOrigin: "anonymous", href }),
    );
  const asked = (paths) => paths.map((path) => ask("preload", "fetch", `/api/v1${path}`));
  const [, id, step] = /^\/investigations\/(?!new$)([^/]+)(?:\/(\w+))?$/.exec(location.pathname) ?? [];
  if (id) {
    const files = JSON.parse(document.currentScript.dataset.files ?? "{}"); // by the name of the step, put there by the build
    for (const file of new Set([...(files.page ?? []), ...(files[step] ?? [])]))
      file.endsWith(".css") ? ask("preload", "style", file) : ask("modulepreload", "script", file);
    asked([`/wizard/${id}/state`, "/config", "/profile"]);
  } else if (location.pathname === "/" && location.search === "") {
    asked(["/wizard/history?sort=-updated_at&page=1&limit=20", "/profile"]);
  }
})();
