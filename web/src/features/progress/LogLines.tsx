import { Text } from "@mantine/core";
import { useElementSize, useMediaQuery } from "@mantine/hooks";
import { Fragment, memo, type RefObject, useLayoutEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { LogLine } from "../../api/log";
import { toneClass } from "../../ui/Tone";
import { formatLineClock } from "../../ui/time";
import type { Titles } from "../../ui/useTitles";
import { cutAt } from "./logFilter";
import { breaksOf, indexAt, startsOf } from "./logRows";
import classes from "./progress.module.css";
import { t } from "./texts";

type Props = {
  view: RefObject<HTMLDivElement | null>;
  lines: readonly LogLine[];
  needle: string;
  titles: Titles;
  following: boolean;
  onFollow: (following: boolean) => void;
  /** What to say where there is no line. */
  nothing: string;
};

const tones = { info: "none", warn: "medium", error: "failed" } as const;
/** How near the end, in pixels, counts as at the end. */
const nearEnd = 24;
/** As in progress.module.css. */
const rowHeight = 21;
/** Rows are drawn in blocks, so that most frames of a scroll draw nothing; a block more is ready on either side. */
const block = 8;
const inSight = 24;

/** Whose line it is, and what it says; a message that names its tool again does so once. */
function partsOf(line: LogLine, titles: Titles): [where: string, message: string] {
  const where = line.tool ? titles.tool(line.tool) : line.agent ? titles.agent(line.agent) : "";
  if (where === "") return ["", line.message];
  const named = `${where} (${line.tool}) `;
  return [`${where}: `, line.message.startsWith(named) ? line.message.slice(named.length) : line.message];
}

function* textsOf(lines: readonly LogLine[], titles: Titles) {
  for (const line of lines) yield partsOf(line, titles).join("");
}

/**
 * The lines in sight. Their text is broken after a known number of columns, so that it is known where each line stands and
 * none is measured. Apart from the log's controls, so that a scrolled frame draws nothing else.
 */
export function LogLines({ view, lines, needle, titles, following, onFollow, nothing }: Props) {
  const narrow = useMediaQuery("(max-width: 48em)") ?? false;
  const { ref: sheet, width } = useElementSize();
  const { ref: ten, width: tenColumns } = useElementSize();
  const lastTop = useRef(0);
  const [first, setFirst] = useState(0);

  const column = tenColumns / 10 || 8;
  const columns = Math.max(20, Math.floor((width - (narrow ? 20 : 20 * column + 60)) / column));
  const starts = useMemo(
    () => startsOf(textsOf(lines, titles), lines.length, columns, narrow ? 1 : 0),
    [lines, titles, columns, narrow],
  );
  const rows = starts[lines.length] ?? 0;
  const from = indexAt(starts, first);
  const to = indexAt(starts, first + inSight + 2 * block) + 1;

  const show = (top: number) => setFirst(Math.max(0, (Math.floor(top / rowHeight / block) - 1) * block));

  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls whenever lines come in, or stand elsewhere
  useLayoutEffect(() => {
    const element = view.current;
    if (!element) return;
    if (following) element.scrollTop = element.scrollHeight;
    show(element.scrollTop);
  }, [following, starts]);

  function onScroll() {
    const element = view.current;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const up = scrollTop < lastTop.current;
    lastTop.current = scrollTop;
    flushSync(() => {
      if (scrollHeight - scrollTop - clientHeight < nearEnd) onFollow(true);
      else if (up) onFollow(false);
      show(scrollTop);
    });
  }

  return (
    <div
      ref={view}
      className={classes.log}
      onScroll={onScroll}
      role="log"
      aria-live="off"
      aria-label={t.log.region}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
    >
      {lines.length === 0 && (
        <Text size="sm" c="dimmed" p="md" ff="text">
          {nothing}
        </Text>
      )}
      <div ref={sheet} className={classes.logSheet} style={{ height: rows * rowHeight }}>
        <div ref={ten} className={classes.logRuler} aria-hidden />
        {lines.slice(from, to).map((line, i) => (
          <Row
            key={line.seq}
            line={line}
            top={(starts[from + i] ?? 0) * rowHeight}
            titles={titles}
            needle={needle}
            columns={columns}
          />
        ))}
      </div>
    </div>
  );
}

type RowProps = { line: LogLine; top: number; titles: Titles; needle: string; columns: number };

/** Each row is placed for itself: those that stay in sight are neither laid out nor painted again when others come. */
const Row = memo(function Row({ line, top, titles, needle, columns }: RowProps) {
  const [where, message] = partsOf(line, titles);
  const breaks = breaksOf(where + message, columns);
  const parts = cutAt(message, needle);
  return (
    <div data-level={line.level} data-line={line.line} className={classes.logRow} style={{ top }}>
      <span className={classes.logLine}>{line.line}</span>
      <time className={classes.logTime} dateTime={line.at} title={line.at}>
        {formatLineClock(line.at)}
      </time>
      <span className={`${toneClass} ${classes.logLevel}`} data-tone={tones[line.level]}>
        {t.log.level_word[line.level]}
      </span>
      <span className={classes.logText}>
        {where && (
          <span className={classes.logWhere}>
            <Broken text={where} at={0} breaks={breaks} />
          </span>
        )}
        {parts.map((part, i) => {
          const Hit = i % 2 === 1 ? "mark" : Fragment;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other name
            <Hit key={i}>
              <Broken text={part} at={where.length + parts.slice(0, i).join("").length} breaks={breaks} />
            </Hit>
          );
        })}
      </span>
    </div>
  );
});

type BrokenProps = { text: string; at: number /** where it begins in the line */; breaks: readonly number[] };

/** A part of a line, broken where the line is. The breaks are drawn by the style sheet: who copies the text gets none. */
function Broken({ text, at, breaks }: BrokenProps) {
  const cuts = breaks.map((cut) => cut - at).filter((cut) => cut >= 0 && cut < text.length);
  if (cuts.length === 0) return text;
  return [0, ...cuts].map((from, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other name
    <Fragment key={i}>
      {i > 0 && <span className={classes.logBreak} />}
      {text.slice(from, cuts[i])}
    </Fragment>
  ));
}
