import { Text } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type RefObject, useLayoutEffect, useRef } from "react";
import type { LogLine } from "../../api/log";
import { toneClass } from "../../ui/Tone";
import { formatClock } from "../../ui/time";
import type { Titles } from "../../ui/useTitles";
import { cutAt } from "./logFilter";
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
const lineHeight = 22;
/** How near the end, in pixels, counts as at the end. */
const nearEnd = 24;

/** The lines in sight. Apart from its controls, so that a scrolled frame draws nothing else. */
export function LogLines({ view, lines, needle, titles, following, onFollow, nothing }: Props) {
  const lastTop = useRef(0);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => view.current,
    estimateSize: () => lineHeight,
    overscan: 12,
    getItemKey: (index) => lines[index]?.seq ?? index,
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls whenever lines come in
  useLayoutEffect(() => {
    if (following && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: "end" });
  }, [following, lines]);

  function onScroll() {
    const element = view.current;
    if (!element) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd;
    if (atEnd) onFollow(true);
    else if (element.scrollTop < lastTop.current) onFollow(false);
    lastTop.current = element.scrollTop;
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
      <div style={{ height: rows.getTotalSize(), position: "relative" }}>
        {rows.getVirtualItems().map((item) => {
          const line = lines[item.index];
          return (
            line && (
              <Row
                key={item.key}
                line={line}
                index={item.index}
                top={item.start}
                measure={rows.measureElement}
                needle={needle}
                titles={titles}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

type RowProps = {
  line: LogLine;
  index: number;
  top: number;
  measure: (element: HTMLElement | null) => void;
  needle: string;
  titles: Titles;
};

const Row = memo(function Row({ line, index, top, measure, needle, titles }: RowProps) {
  const where = line.tool ? titles.tool(line.tool) : line.agent ? titles.agent(line.agent) : "";
  const named = `${where} (${line.tool}) `;
  const message = where && line.message.startsWith(named) ? line.message.slice(named.length) : line.message;
  return (
    <div
      ref={measure}
      data-index={index}
      data-level={line.level}
      data-line={line.line}
      className={classes.logRow}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span className={classes.logLine}>{line.line}</span>
      <time className={classes.logTime} dateTime={line.at} title={line.at}>
        {formatClock(line.at)}
      </time>
      <span className={`${toneClass} ${classes.logLevel}`} data-tone={tones[line.level]}>
        {t.log.level_word[line.level]}
      </span>
      <span className={classes.logText}>
        {where && <span className={classes.logWhere}>{where}: </span>}
        {cutAt(message, needle).map((part, i) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other name
          i % 2 === 1 ? <mark key={i}>{part}</mark> : part,
        )}
      </span>
    </div>
  );
});
