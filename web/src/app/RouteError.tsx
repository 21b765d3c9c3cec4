import { Button, Container, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { Link, useRouteError } from "react-router";
import { t } from "./texts";

const outdated = (error: unknown) =>
  error instanceof Error &&
  /dynamically imported module|Importing a module script failed/i.test(error.message);

/** What a person sees when a screen breaks: what happened, what is safe, what to do. */
export function RouteError() {
  const error = useRouteError();
  const message = error instanceof Error ? error.message : String(error);
  return (
    <Container size="sm" py="xl" component="main">
      <Paper p="xl">
        <Stack gap="md" role="alert">
          <Title order={1}>{t.errors.title}</Title>
          <div>
            <Title order={2} size="h3">
              {t.errors.happened}
            </Title>
            <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
              {outdated(error) ? t.errors.outdated : message}
            </Text>
          </div>
          <div>
            <Title order={2} size="h3">
              {t.errors.safe}
            </Title>
            <Text size="sm">{t.errors.safeDetail}</Text>
          </div>
          <div>
            <Title order={2} size="h3">
              {t.errors.todo}
            </Title>
            <Text size="sm">{t.errors.todoDetail}</Text>
          </div>
          <Group>
            <Button onClick={() => location.reload()}>{t.errors.reload}</Button>
            <Button component={Link} to="/" variant="default" reloadDocument>
              {t.errors.back}
            </Button>
          </Group>
        </Stack>
      </Paper>
    </Container>
  );
}
