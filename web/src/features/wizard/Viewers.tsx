import { Tooltip } from "@mantine/core";
import { Pencil } from "lucide-react";
import { t } from "../../app/texts";
import { useNames } from "../../sync/colleague";
import { useConnection } from "../../sync/connection";
import { useMe } from "../../sync/session";
import classes from "./Viewers.module.css";

const shownMax = 4;

/** Who else looks at the investigation now, those who edit first. */
export function Viewers({ id }: { id: string }) {
  const followed = useConnection((connection) => connection.followed);
  const me = useMe().data;
  const nameOf = useNames("");
  const others = (followed?.id === id ? followed.viewers : []).filter((v) => v.user_id !== me?.id);
  if (others.length === 0) return null;
  const shown = others.slice(0, shownMax);
  return (
    <ul className={classes.viewers} aria-label={t.presence.label}>
      {shown.map(({ user_id, mode }) => {
        const name = nameOf(user_id);
        const words = mode === "editing" ? t.presence.editing(name) : t.presence.viewing(name);
        return (
          <Tooltip key={user_id} label={words}>
            <li className={classes.viewer} data-mode={mode}>
              <span className={classes.initials} aria-hidden>
                {mode === "editing" ? <Pencil size={12} /> : name.slice(0, 2)}
              </span>
              <span className={classes.name}>{name}</span>
              <span className={classes.spoken}>{words}</span>
            </li>
          </Tooltip>
        );
      })}
      {others.length > shownMax && (
        <li className={classes.name}>{t.presence.more(others.length - shownMax)}</li>
      )}
    </ul>
  );
}
