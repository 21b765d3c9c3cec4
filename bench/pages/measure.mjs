// Measures the pages of bin/olorin in Chromium: npm ci && npm run measure, or a part of it: npm run measure -- scores, speed or list.
// Loopback alone, and it ends by itself: about three minutes for the scores, two for the speed and one for the list.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";

const program = resolve(import.meta.dirname, "../../bin/olorin");
const parts = process.argv.length > 2 ? process.argv.slice(2) : ["scores", "speed", "list"];
const analyst = { username: "analyst", password: "correct horse battery staple" };
const admin = { username: "admin", password: "yet another battery staple horse" };
/** What Lighthouse must give every screen, of 100. */
const least = 95;
const slowed = 4;
const times = 5;
const size = { width: 1440, height: 900 };

const dir = await mkdtemp(join(tmpdir(), "olorin-pages-"));
const env = { ...process.env, DATABASE_URL: "sqlite:///olorin.db", OLORIN_DATA_DIR: join(dir, "data"), OLORIN_ADDR: "127.0.0.1:0" };

/** Runs a command of the program to its end. */
function run(args, stdin = "") {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd: dir, env, stdio: ["pipe", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
    });
    child.on("error", fail);
    child.on("close", (code) => (code === 0 ? done() : fail(new Error(`olorin ${args.join(" ")}: ${said}`))));
    child.stdin.end(stdin);
  });
}

/** Serves, and gives the process and where it listens. */
async function serve() {
  const server = spawn(program, ["serve"], { cwd: dir, env, stdio: ["ignore", "pipe", "pipe"] });
  const url = await new Promise((done, fail) => {
    let said = "";
    const read = (text) => {
      said += text;
      const found = /listening on (http:\/\/\S+)/.exec(said)?.[1];
      if (found) done(found.replace(/\/$/, ""));
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.on("exit", () => fail(new Error(`the server ends before it listens: ${said}`)));
  });
  return { server, url };
}

// A look of Lighthouse at whether a page is still may outlast the page, which is no fault of either.
process.on("unhandledRejection", (error) => {
  if (!/Session closed|Target closed/.test(String(error))) throw error;
});

/** Lighthouse's two scores of a screen, and what it found. */
async function score(browser, address, cookies) {
  await browser.setCookie(...cookies);
  const { lhr } = await lighthouse(address, {
    port: new URL(browser.wsEndpoint()).port,
    onlyCategories: ["accessibility", "best-practices"],
    formFactor: "desktop",
    screenEmulation: { mobile: false, ...size, deviceScaleFactor: 1, disabled: false },
    throttlingMethod: "provided",
    // a page asks every few seconds what is new, so it is not still for the five that Lighthouse waits for
    networkQuietThresholdMs: 1000,
    cpuQuietThresholdMs: 1000,
    maxWaitForLoad: 15_000, // nor always for one
    skipAudits: ["valid-source-maps"], // there are none, and that is meant
    disableStorageReset: true, // else it logs out
  });
  await browser.deleteCookie(...cookies);
  const found = Object.values(lhr.categories).flatMap(({ title, auditRefs }) =>
    auditRefs
      .map(({ id }) => lhr.audits[id])
      .filter((audit) => audit.score !== null && audit.score < 1 && audit.scoreDisplayMode === "binary")
      .map((audit) => `${title}: ${audit.title} ${JSON.stringify(audit.details?.items ?? []).slice(0, 400)}`),
  );
  const of = (category) => Math.round(100 * lhr.categories[category].score);
  return { accessibility: of("accessibility"), practices: of("best-practices"), found };
}

/**
 * Opens a screen with an empty cache on a processor slowed so many times. In milliseconds from the navigation: the first paint, when
 * what the screen is for is there, and from when on no task of the main thread takes longer than 50 ms, watched for 2 s.
 */
async function open(browser, { address, ready, cookies = [], slowness }) {
  const context = await browser.createBrowserContext();
  try {
    await context.setCookie(...cookies);
    const page = await context.newPage();
    await page.setViewport(size);
    await (await page.createCDPSession()).send("Emulation.setCPUThrottlingRate", { rate: slowness });
    await page.evaluateOnNewDocument((selector, loggedIn) => {
      if (loggedIn) localStorage.setItem("olorin-here", "yes"); // as the login that gave the cookies left it
      window.measured = { busy: 0 };
      new PerformanceObserver((list) => {
        for (const task of list.getEntries()) window.measured.busy = task.startTime + task.duration;
      }).observe({ type: "longtask", buffered: true });
      const look = () => {
        if (!document.querySelector(selector)) return requestAnimationFrame(look);
        window.measured.there = performance.now();
      };
      requestAnimationFrame(look);
    }, ready, cookies.length > 0);
    await page.goto(address, { waitUntil: "domcontentloaded" });
    await page.waitForFunction(() => window.measured.there !== undefined, { timeout: 30_000 });
    await new Promise((go) => setTimeout(go, 2_000));
    return await page.evaluate(() => {
      const { there, busy } = window.measured;
      return { paint: performance.getEntriesByName("first-contentful-paint")[0].startTime, there, free: Math.max(there, busy) };
    });
  } finally {
    await context.close();
  }
}

/** The median of each time over several openings. */
async function median(browser, screen) {
  const all = [];
  for (let i = 0; i < times; i++) all.push(await open(browser, screen));
  const middle = (key) => Math.round(all.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(times / 2)]);
  return { paint: middle("paint"), there: middle("there"), free: middle("free") };
}

await run(["migrate", "up"]);
for (const [user, role] of [[analyst, "analyst"], [admin, "admin"]])
  await run(["user", "add", user.username, "--role", role, "--password-file", "-"], `${user.password}\n`);
await run(["demo"]);
const { server, url } = await serve();

/** Logs in; the cookies of the session. */
async function session(user) {
  const login = await fetch(`${url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(user),
  });
  return login.headers.getSetCookie().map((line) => {
    const [name, ...value] = line.split(";")[0].split("=");
    return { name, value: value.join("="), domain: "127.0.0.1" };
  });
}

let browser;
try {
  const cookies = await session(analyst);
  const ask = async (path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; "), "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const dataset = (await ask("/datasets")).items[0].id;
  const settings = { dataset, entities: [{ type: "user_id", value: "u_892677" }] };
  const add = async (name) => (await ask("/investigations", { name, settings })).investigation_id;
  const investigate = async (name) => {
    const id = await add(name);
    await ask(`/wizard/${id}/start`, {});
    while ((await ask(`/wizard/${id}/state`)).status !== "completed") await new Promise((go) => setTimeout(go, 500));
    return id;
  };
  const id = await investigate("Measured");
  const other = await investigate("Compared");
  const draft = await add("A draft");
  for (let i = 1; i <= 20; i++) await add(`Case ${i}`); // a whole page of the list

  browser = await puppeteer.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });

  if (parts.includes("scores")) {
    const office = await session(admin);
    const screens = [
      ["login", "/login", []],
      ["investigations", "/"],
      ["archive", "/?archived=true"],
      ["new investigation", "/investigations/new"],
      ["settings", `/investigations/${draft}/settings`],
      ["settings, over", `/investigations/${id}/settings`],
      ["progress", `/investigations/${id}/progress`],
      ["results", `/investigations/${id}/results`],
      ["trail", `/investigations/${id}/trail`],
      ["comparison", `/investigations/${id}/compare/${other}`],
      ["templates", "/templates"],
      ["template", "/templates/builtin-account-takeover"],
      ["new template", `/templates/new?from=${id}`],
      ["data", "/datasets"],
      ["a data set", `/datasets/${dataset}`],
      ["lists", "/lists"],
      ["calibration", "/calibration"],
      ["no such place", "/nowhere"],
      ["audit", "/audit", office],
      ["server", "/admin", office],
    ];
    console.log("screen              accessibility  best practices");
    for (const [name, path, who = cookies] of screens) {
      const { accessibility, practices, found } = await score(browser, `${url}${path}`, who);
      console.log(`${name.padEnd(20)}${String(accessibility).padEnd(15)}${practices}`);
      for (const fault of found) console.log(`  ${fault}`);
      if (accessibility < least || practices < least) process.exitCode = 1;
    }
  }

  if (parts.includes("speed")) {
    const screens = [
      ["login", "/login", 'input[name="password"]', []],
      ["investigations", "/", 'main table a[href^="/investigations/"]'],
      ["settings", `/investigations/${draft}/settings`, 'input[value="u_892677"]'],
      ["progress", `/investigations/${id}/progress`, '[role="log"]'],
      ["results", `/investigations/${id}/results`, "#findings"],
      ["templates", "/templates", 'main a[href^="/templates/builtin"]'],
      ["data", "/datasets", 'main a[href^="/datasets/"]'],
    ];
    console.log(`cold, processor ${slowed} times slower, median of ${times}: first paint, shown, interactive`);
    for (const [name, path, ready, who = cookies] of screens) {
      const { paint, there, free } = await median(browser, { address: `${url}${path}`, ready, cookies: who, slowness: slowed });
      console.log(`${name.padEnd(20)}${`${paint} ms`.padEnd(10)}${`${there} ms`.padEnd(10)}${free} ms`);
    }
  }

  if (parts.includes("list")) {
    for (let i = 1; i <= 1000; i += 20) await Promise.all(Array.from({ length: 20 }, (_, n) => add(`Case ${String(i + n).padStart(4, "0")}`)));
    console.log(`a list of 1,000 investigations, cold, processor as it is, median of ${times}: shown, interactive`);
    for (const path of ["/", "/?page=50", "/?sort=name", "/?q=0777", "/?status=completed"]) {
      const ready = 'main table a[href^="/investigations/"]';
      const { there, free } = await median(browser, { address: `${url}${path}`, ready, cookies, slowness: 1 });
      console.log(`${path.padEnd(20)}${`${there} ms`.padEnd(10)}${free} ms`);
    }
  }
} finally {
  await browser?.close();
  server.kill("SIGTERM");
  await new Promise((gone) => server.on("exit", gone));
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
