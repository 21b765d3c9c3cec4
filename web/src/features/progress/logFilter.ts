import type { LogLine } from "../../api/log";

export type LevelFilter = "all" | "warn" | "error";
export type LogFilter = { level: LevelFilter; text: string };

const levels: Record<LevelFilter, ReadonlySet<LogLine["level"]>> = {
  all: new Set(["info", "warn", "error"]),
  warn: new Set(["warn", "error"]),
  error: new Set(["error"]),
};

/** The lines of at least the level whose agent, tool or message holds the text, whatever its case. Returns `lines` itself where nothing narrows. */
export function filterLines(lines: readonly LogLine[], { level, text }: LogFilter): readonly LogLine[] {
  const needle = text.trim().toLowerCase();
  if (level === "all" && needle === "") return lines;
  const wanted = levels[level];
  return lines.filter(
    (line) =>
      wanted.has(line.level) &&
      (needle === "" ||
        line.message.toLowerCase().includes(needle) ||
        line.agent.toLowerCase().includes(needle) ||
        line.tool.toLowerCase().includes(needle)),
  );
}

/** A line as text to take away: exact time in UTC, level, where, what. */
export function lineText(line: LogLine): string {
  const where = [line.agent, line.tool].filter(Boolean).join("/");
  return `${line.at} ${line.level.padEnd(5)} ${where ? `[${where}] ` : ""}${line.message}\n`;
}

/** Cuts a text at each place that holds the needle, whatever its case: odd parts are hits. */
export function cutAt(text: string, needle: string): string[] {
  const wanted = needle.trim().toLowerCase();
  const lower = text.toLowerCase();
  if (wanted === "" || lower.length !== text.length) return [text];
  const parts: string[] = [];
  let from = 0;
  for (let hit = lower.indexOf(wanted); hit >= 0; hit = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, hit), text.slice(hit, hit + wanted.length));
    from = hit + wanted.length;
  }
  parts.push(text.slice(from));
  return parts;
}
