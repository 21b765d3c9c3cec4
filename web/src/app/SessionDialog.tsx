import { Modal, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { meQuery, setMe, useExpired } from "../sync/session";
import { LoginForm } from "./LoginForm";
import { t } from "./texts";

/** Asks for the password over whatever is open, so that nothing typed is lost; waiting requests then go on. */
export function SessionDialog() {
  const resume = useExpired((state) => state.resume);
  const client = useQueryClient();
  const known = client.getQueryData(meQuery.queryKey);

  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t.login.expired}
      centered
      zIndex={1000}
    >
      <Text size="sm" c="dimmed" mb="md">
        {t.login.expiredSafe}
      </Text>
      <LoginForm
        {...(known ? { username: known.name } : {})}
        onDone={(user) => {
          // somebody else: nothing of what is open here is theirs; what was typed stays in this browser's storage
          if (known && known.id !== user.id) return location.assign("/");
          setMe(client, user);
          resume();
        }}
      />
    </Modal>
  );
}
