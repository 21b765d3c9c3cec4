import { Button, Container, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { Link } from "react-router";
import { t } from "./texts";

const outdated = (error: unknown) =>
  error instanceof Error &&
  /dynamically imported module|Importing a module script failed/i.test(error.message);

type Props = {
  /** Where the person is: going elsewhere leaves the broken screen behind. */
  place: string;
  children: ReactNode;
};

/** Keeps a broken screen from taking the whole app with it. */
export class ErrorBoundary extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(before: Props) {
    if (before.place !== this.props.place && this.state.error !== null) this.setState({ error: null });
  }

  override render() {
    return this.state.error === null ? this.props.children : <BrokenScreen error={this.state.error} />;
  }
}

/** What a person sees when a screen breaks: what happened, what is safe, what to do. */
function BrokenScreen({ error }: { error: unknown }) {
  const message = error instanceof Error ? error.message : String(error);
  return (
    <Container size="sm" py="xl">
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
