import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { Suspense } from "react";
import { BrowserRouter } from "react-router";
import { useExpired } from "../sync/session";
import { later } from "../ui/later";
import { idle } from "./idle";
import { queryClient } from "./queryClient";
import { AppRoutes } from "./routes";
import { colorSchemeManager, theme, variables } from "./theme";

const SessionDialog = later(async () => (await import("./SessionDialog")).SessionDialog);
const Notifications = later(async () => {
  await idle();
  return (await import("./Notifications")).Notifications;
});

export function App() {
  const expired = useExpired((state) => state.waiting.length > 0);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
    >
      <QueryClientProvider client={queryClient}>
        <BrowserRouter>
          <AppRoutes />
          <Suspense>
            <Notifications />
            {expired && <SessionDialog />}
          </Suspense>
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>
  );
}
