import { createBrowserRouter } from "react-router";
import { LoginPage } from "./LoginPage";
import { NotFound } from "./NotFound";
import { RouteError } from "./RouteError";
import { FrameSkeleton, Shell } from "./Shell";

export const router = createBrowserRouter([
  { path: "/login", element: <LoginPage />, errorElement: <RouteError /> },
  {
    path: "/",
    element: <Shell />,
    errorElement: <RouteError />,
    hydrateFallbackElement: <FrameSkeleton />,
    children: [
      {
        errorElement: <RouteError />,
        children: [
          {
            index: true,
            lazy: async () => ({ Component: (await import("../features/history/HistoryPage")).HistoryPage }),
          },
          {
            path: "investigations/new",
            lazy: async () => ({
              Component: (await import("../features/wizard/NewInvestigation")).NewInvestigation,
            }),
          },
          {
            path: "investigations/:id",
            lazy: async () => ({
              Component: (await import("../features/wizard/InvestigationPage")).InvestigationPage,
            }),
            children: [
              {
                index: true,
                lazy: async () => ({
                  Component: (await import("../features/wizard/CurrentStep")).CurrentStep,
                }),
              },
              {
                path: "settings",
                lazy: async () => ({
                  Component: (await import("../features/wizard/SettingsStep")).SettingsStep,
                }),
              },
              {
                path: "progress",
                lazy: async () => ({
                  Component: (await import("../features/progress/ProgressStep")).ProgressStep,
                }),
              },
              {
                path: "results",
                lazy: async () => ({
                  Component: (await import("../features/results/ResultsStep")).ResultsStep,
                }),
              },
            ],
          },
          {
            path: "datasets",
            lazy: async () => ({
              Component: (await import("../features/datasets/DatasetsPage")).DatasetsPage,
            }),
          },
          {
            path: "datasets/:id",
            lazy: async () => ({ Component: (await import("../features/datasets/DatasetPage")).DatasetPage }),
          },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
]);
