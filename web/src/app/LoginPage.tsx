import { Box, Center, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Navigate, useNavigate, useSearchParams } from "react-router";
import { setMe, useMe } from "../sync/session";
import { Mark } from "../ui/Mark";
import { LoginForm } from "./LoginForm";
import { t } from "./texts";

/** Only paths of this app: "//elsewhere" and "https://elsewhere" would lead away. */
export function safeNext(next: string | null): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.startsWith("/\\") ? next : "/";
}

export function LoginPage() {
  const me = useMe();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [search] = useSearchParams();
  const next = safeNext(search.get("next"));
  if (me.data) return <Navigate to={next} replace />;

  return (
    <Center mih="100dvh" p="md" component="main">
      <Box w="100%" maw={380}>
        <Stack align="center" gap={6} mb="lg">
          <Group gap="xs">
            <Mark size={34} />
            <Title order={1}>{t.product}</Title>
          </Group>
          <Text c="dimmed" size="sm" ta="center">
            {t.login.lead}
          </Text>
        </Stack>
        <Paper p="xl" shadow="sm">
          <LoginForm
            onDone={(user) => {
              setMe(client, user);
              navigate(next, { replace: true });
            }}
          />
        </Paper>
      </Box>
    </Center>
  );
}
