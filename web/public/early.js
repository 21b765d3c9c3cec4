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
  const files = JSON.parse(document.currentScript.dataset.files ?? "{}"); // by the name of the page or step, put there by the build
  const fetched = (names) => {
    for (const file of new Set(names.flatMap((name) => files[name] ?? [])))
      file.endsWith(".css") ? ask("preload", "style", file) : ask("modulepreload", "script", file);
  };
  const [, id, step] = /^\/investigations\/(?!new$)([^/]+)(?:\/(\w+))?$/.exec(location.pathname) ?? [];
  if (id) {
    fetched(["page", step]);
    const titled = step === "progress" || step === "results";
    asked([`/wizard/${id}/state`, "/config", "/profile", ...(titled ? ["/agents"] : [])]);
  } else if (location.pathname === "/" && location.search === "") {
    asked(["/wizard/history?sort=-updated_at&page=1&limit=20", "/profile"]);
  } else if (location.pathname === "/templates") {
    fetched(["templates"]);
    asked([...(location.search === "" ? ["/wizard/templates?sort=name"] : []), "/profile"]);
  } else if (location.pathname === "/datasets") {
    fetched(["datasets"]);
    asked(["/datasets", "/profile"]);
  }
})();
