// Completes package-lock.json files: node tools/lockfile.mjs web/package-lock.json …
//
// A registry that does not carry every platform's build of an optional package
// leaves that package out of the lock, and `npm ci` then refuses the lock as
// out of step. What such an entry says is known all the same: its version is
// the one that its parent demands, its platform is in its name.
import { readFileSync, writeFileSync } from "node:fs";

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const processors = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/** What a package's name says about where it runs. */
function platform(name) {
  const words = name.split(/[/-]/);
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  const libc = words.includes("musl") || words.some((word) => word.startsWith("musl"))
    ? ["musl"]
    : words.some((word) => word.startsWith("gnu"))
      ? ["glibc"]
      : [];
  return { ...(cpu.length && { cpu }), ...(os.length && { os }), ...(libc.length && { libc }) };
}

for (const path of process.argv.slice(2)) {
  const lock = JSON.parse(readFileSync(path, "utf8"));
  const added = [];
  for (const [parent, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const key = `node_modules/${name}`;
      if (key in lock.packages || `${parent}/${key}` in lock.packages) {
        continue;
      }
      const where = platform(name);
      if (!/^\d+\.\d+\.\d+/.test(version) || Object.keys(where).length === 0) {
        throw new Error(`${path}: ${parent} wants ${name} ${version}, of which the platform or the exact version is not known`);
      }
      lock.packages[key] = { version, ...(entry.dev && { dev: true }), optional: true, ...where };
      added.push(`${name} ${version}`);
    }
  }
  const [root, ...others] = Object.entries(lock.packages);
  others.sort(([a], [b]) => (a < b ? -1 : 1));
  lock.packages = Object.fromEntries([root, ...others]);
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${path}: ${added.length === 0 ? "complete" : `added ${added.join(", ")}`}`);
}
