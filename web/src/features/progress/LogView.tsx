import { Button, CloseButton, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { ArrowDown, Check, Copy, Download, Search } from "lucide-react";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import type { Investigation } from "../../api/investigation";
import { LoadFailed } from "../../ui/Broken";
import { formatCount } from "../../ui/number";
import { Section } from "../../ui/Section";
import { Segmented } from "../../ui/Segmented";
import { fileNameOf, saveAs } from "../../ui/save";
import type { Titles } from "../../ui/useTitles";
import { LogLines } from "./LogLines";
import { filterLines, type LevelFilter, lineText } from "./logFilter";
import classes from "./progress.module.css";
import { t } from "./texts";
import { useLog } from "./useLog";

type Props = {
  investigation: Investigation;
  titles: Titles;
  /** Set to a function that tells whether somebody is reading here: scrolled up, narrowed, or marking text. */
  reading: { current: () => boolean };
};

const levels: readonly LevelFilter[] = ["all", "warn", "error"];

/** The log of the run, from line 1, with the newest in sight until somebody scrolls up. */
export function LogView({ investigation, titles, reading }: Props) {
  const { investigation_id: id, version, progress, name } = investigation;
  const { book, total, error, retry } = useLog(id, version, progress.log_lines);
  const [level, setLevel] = useState<LevelFilter>("all");
  const [text, setText] = useState("");
  const needle = useDeferredValue(text);
  const lines = useMemo(() => filterLines(book.lines, { level, text: needle }), [book.lines, level, needle]);
  const narrowed = level !== "all" || text.trim() !== "";

  const view = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [seen, setSeen] = useState(0);
  useEffect(() => {
    if (following) setSeen(book.lines.length);
  }, [following, book.lines.length]);

  useEffect(() => {
    reading.current = () => {
      const selection = document.getSelection();
      const marking =
        selection !== null && !selection.isCollapsed && view.current?.contains(selection.anchorNode) === true;
      return !following || narrowed || marking;
    };
    return () => {
      reading.current = () => false;
    };
  }, [reading, following, narrowed]);

  const missed = book.lines.length - seen;
  return (
    <Section title={t.log.title} id="log">
      <div className={classes.logTools}>
        <TextInput
          className={classes.logSearch}
          aria-label={t.log.filter}
          placeholder={t.log.filter}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          leftSection={<Search size={15} aria-hidden />}
          rightSection={
            text && <CloseButton size="sm" aria-label={t.log.clear} onClick={() => setText("")} />
          }
        />
        <Segmented
          size="xs"
          aria-label={t.log.level}
          value={level}
          onChange={setLevel}
          options={levels.map((value) => ({ value, label: t.log.levels[value] }))}
        />
        <CopyButton text={() => lines.map(lineText).join("")} />
        <Button
          size="xs"
          variant="default"
          leftSection={<Download size={14} aria-hidden />}
          onClick={() => saveAs(`${fileNameOf(name)}.log`, "text/plain", lines.map(lineText))}
        >
          {t.log.download}
        </Button>
        <span className={`${classes.logCount} tabular`} role="status">
          {book.lines.length < total && !error
            ? t.log.loading(formatCount(book.lines.length), formatCount(total))
            : narrowed
              ? t.log.matching(formatCount(lines.length), formatCount(book.lines.length))
              : t.log.lines(formatCount(book.lines.length))}
        </span>
      </div>
      {error && (
        <div style={{ marginBottom: 10 }}>
          <LoadFailed error={error} onRetry={retry} />
        </div>
      )}
      <div className={classes.logFrame}>
        <LogLines
          view={view}
          lines={lines}
          needle={needle}
          titles={titles}
          following={following}
          onFollow={setFollowing}
          nothing={narrowed && book.lines.length > 0 ? t.log.noMatch : total === 0 ? t.log.empty : ""}
        />
        {!following && (
          <Button
            size="xs"
            radius="xl"
            className={classes.follow}
            leftSection={<ArrowDown size={14} aria-hidden />}
            onClick={() => setFollowing(true)}
          >
            {missed > 0 ? t.log.newLines(missed) : t.log.follow}
          </Button>
        )}
      </div>
    </Section>
  );
}

/** Copies a text and says so for a moment; or says why not. */
function CopyButton({ text }: { text: () => string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      onClick={async () => {
        try {
          await navigator.clipboard.writeText(text());
          setCopied(true);
        } catch {
          notifications.show({ color: "red", title: t.log.copy, message: t.log.copyFailed });
        }
      }}
    >
      {copied ? t.log.copied : t.log.copy}
    </Button>
  );
}
