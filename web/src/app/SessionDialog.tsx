import { Modal, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { getMe, type Me } from "../api/session";
import { meQuery, setMe, useExpired } from "../sync/session";
import { LoginForm } from "./LoginForm";
import { t } from "./texts";

/** So often, in ms, is it asked whether somebody has logged in in another tab. */
const elsewhereMs = 5000;

/** Asks for the password over whatever is open, so that nothing typed is lost; waiting requests then go on. */
export function SessionDialog() {
  const resume = useExpired((state) => state.resume);
  const client = useQueryClient();
  const known = client.getQueryData(meQuery.queryKey);
  const elsewhere = useQuery({
    queryKey: ["me", "elsewhere"],
    queryFn: ({ signal }) => getMe(signal),
    refetchInterval: elsewhereMs,
    retry: false,
    gcTime: 0,
  }).data;

  function goOn(user: Me) {
    // somebody else: nothing of what is open here is theirs; what was typed stays in this browser's storage
    if (known && known.id !== user.id) return location.assign("/");
    setMe(client, user);
    resume();
  }
  const onElsewhere = useEffectEvent(goOn);
  useEffect(() => {
    if (elsewhere) onElsewhere(elsewhere);
  }, [elsewhere]);

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
      <LoginForm {...(known ? { username: known.name } : {})} onDone={goOn} />
    </Modal>
  );
}
