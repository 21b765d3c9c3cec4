import { Button, Container, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { useTitle } from "../ui/PageHeader";
import { t } from "./texts";

export function NotFound() {
  useTitle(t.errors.notFound);
  return (
    <Container size="sm" py="xl">
      <Stack gap="sm" align="flex-start">
        <Title order={1}>{t.errors.notFound}</Title>
        <Text c="dimmed">{t.errors.notFoundDetail}</Text>
        <Button component={Link} to="/">
          {t.errors.back}
        </Button>
      </Stack>
    </Container>
  );
}
