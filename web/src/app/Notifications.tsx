import { Notifications as Toasts } from "@mantine/notifications";
import "@mantine/notifications/styles.css";
import classes from "./Notifications.module.css";

/** The toasts, in a file of their own: the first screen needs none. */
export function Notifications() {
  return <Toasts position="bottom-left" limit={4} classNames={{ root: classes.toasts ?? "" }} />;
}
