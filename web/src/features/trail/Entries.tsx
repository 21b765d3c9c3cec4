import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";
import type { AuditEntry } from "../../api/audit";
import { useNames } from "../../sync/colleague";
import { useReadable } from "../../sync/readable";
import { Instant } from "../../ui/time";
import { t } from "./texts";
import classes from "./trail.module.css";

type Props = { entries: readonly AuditEntry[]; linked?: boolean };

/** Entries of the trail as sentences: when, who, what, and from where. */
export function Entries({ entries, linked = false }: Props) {
  const readable = useReadable();
  const nameOf = useNames(t.checkpoints.you);
  return (
    <ul className={classes.list}>
      {entries.map((entry) => (
        <li key={entry.number} className={classes.entry}>
          <span className={classes.when}>
            <Text span size="xs" c="dimmed">
              <Instant at={entry.at} />
            </Text>
          </span>
          <div className={classes.what}>
            <Text size="sm">
              <b>{entry.actor.kind === "user" ? nameOf(entry.actor.id) : t.audit.system}</b>{" "}
              {readable(entry.text)}
            </Text>
            <Text size="xs" c="dimmed">
              {[entry.origin || entry.source, t.audit.version(entry.version_before, entry.version_after)]
                .filter(Boolean)
                .join(" · ")}
              {linked && entry.investigation_id && (
                <>
                  {" · "}
                  <Anchor
                    component={Link}
                    size="xs"
                    underline="always"
                    to={`/investigations/${entry.investigation_id}/trail`}
                  >
                    {t.audit.investigation}
                  </Anchor>
                </>
              )}
            </Text>
          </div>
        </li>
      ))}
    </ul>
  );
}
