import { Alert, Anchor, Button, Group, List, Text } from "@mantine/core";
import { History } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import type { Investigation } from "../../api/investigation";
import { t as app } from "../../app/texts";
import { useNames } from "../../sync/colleague";
import { useMe } from "../../sync/session";
import { lastVisit, type News, newsSince, seen, type Visit } from "../../sync/visit";
import { SeverityTag } from "../../ui/Tone";
import { formatAgo } from "../../ui/time";
import { fieldName } from "./fieldName";
import { t } from "./texts";

const shown = 3;

/** What happened since the last visit, until it is read; from then on, how far one has seen is remembered. */
export function WhereWasI({ state }: { state: Investigation }) {
  const me = useMe().data?.id ?? "";
  const [card, setCard] = useState(() => recall(me, state));

  useEffect(() => {
    const look = () => {
      if (document.visibilityState !== "visible") return;
      const now = recall(me, state);
      // while one looks on, what happens is no news
      seen(me, state);
      if (now && hiddenFor > longAway) setCard(now);
    };
    let hiddenFor = 0;
    look();
    let since = Date.now();
    const turn = () => {
      if (document.visibilityState === "hidden") since = Date.now();
      else hiddenFor = Date.now() - since;
      look();
    };
    document.addEventListener("visibilitychange", turn);
    return () => document.removeEventListener("visibilitychange", turn);
  }, [me, state]);

  return card && <Card state={state} {...card} onRead={() => setCard(null)} />;
}

/** Whoever was away for less has not lost the thread. */
const longAway = 5 * 60_000;

function recall(me: string, state: Investigation): { news: News; since: Visit } | null {
  const before = state.last_accessed ? { version: 0, at: state.last_accessed } : null;
  const since = lastVisit(me, state.investigation_id) ?? before;
  const news = since && newsSince(state, since);
  return news ? { news, since } : null;
}

type CardProps = { state: Investigation; news: News; since: Visit; onRead: () => void };

function Card({ state, news, since, onRead }: CardProps) {
  const nameOf = useNames(t.visit.you);
  const now = Date.now();
  const ago = (at: string) => formatAgo(at, now);
  const left = state.step_history.findLast((visit) => visit.at <= since.at);
  const ended = state.status in t.visit.ended ? (state.status as keyof typeof t.visit.ended) : null;
  return (
    <Alert color="blue" icon={<History size={18} />} title={t.visit.title(ago(since.at))} role="status">
      <List size="sm" spacing={4}>
        {left && left.step !== state.wizard_step && (
          <List.Item>{t.visit.step(app.step[left.step])}</List.Item>
        )}
        {news.edits.map(({ by, fields, at }) => (
          <List.Item key={by}>
            {t.visit.edited(nameOf(by), fields.map(fieldName).join(", "), ago(at))}
          </List.Item>
        ))}
        {news.started && <List.Item>{t.visit.started(ago(news.started))}</List.Item>}
        {news.checks > 0 && <List.Item>{t.visit.checks(news.checks)}</List.Item>}
        {news.findings.length > 0 && (
          <List.Item>
            <Anchor component={Link} to={`/investigations/${state.investigation_id}/results`} size="sm">
              {t.visit.findings(news.findings.length)}
            </Anchor>
            {news.findings.slice(0, shown).map((finding) => (
              <Group key={finding.id} gap={6} wrap="nowrap" mt={2}>
                <SeverityTag severity={finding.severity} />
                <Text size="sm">{finding.title}</Text>
              </Group>
            ))}
            {news.findings.length > shown && (
              <Text size="sm" c="dimmed">
                {t.visit.more(news.findings.length - shown)}
              </Text>
            )}
          </List.Item>
        )}
        {news.finished && ended && <List.Item>{t.visit.ended[ended](ago(news.finished))}</List.Item>}
      </List>
      <Button size="xs" variant="default" mt="sm" onClick={onRead}>
        {t.visit.seen}
      </Button>
    </Alert>
  );
}
