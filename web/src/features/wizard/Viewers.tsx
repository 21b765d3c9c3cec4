import { Tooltip } from "@mantine/core";
import { Pencil } from "lucide-react";
import { t } from "../../app/texts";
import { useConnection } from "../../sync/connection";
import { useMe } from "../../sync/session";
import classes from "./Viewers.module.css";

const shownMax = 4;

/** Who else looks at the investigation now, those who edit first. */
export function Viewers({ id }: { id: string }) {
  const followed = useConnection((connection) => connection.followed);
  const me = useMe().data;
  const others = (followed?.id === id ? followed.viewers : []).filter((v) => v.user_id !== me?.id);
  if (others.length === 0) return null;
  const shown = others.slice(0, shownMax);
  return (
    <ul className={classes.viewers} aria-label={t.presence.label}>
      {shown.map(({ user_id, mode }) => {
        const words = mode === "editing" ? t.presence.editing(user_id) : t.presence.viewing(user_id);
        return (
          <Tooltip key={user_id} label={words}>
            <li className={classes.viewer} data-mode={mode}>
              <span className={classes.initials} aria-hidden>
                {mode === "editing" ? <Pencil size={12} /> : user_id.slice(0, 2)}
              </span>
              <span className={classes.name}>{user_id}</span>
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
