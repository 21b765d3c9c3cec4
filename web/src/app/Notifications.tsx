import { Notifications as Toasts } from "@mantine/notifications";
import "@mantine/notifications/styles.css";

/** The toasts, in a file of their own: the first screen needs none. */
export function Notifications() {
  return <Toasts position="bottom-right" limit={4} />;
}
