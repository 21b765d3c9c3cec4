import type { QueryClient } from "@tanstack/react-query";
import { Outlet, Route, Routes } from "react-router";
import { HistoryPage } from "../features/history/HistoryPage";
import { prefetchHistory } from "../features/history/useHistory";
import { profileQuery } from "../sync/profile";
import { useWrites } from "../sync/rights";
import { meQuery } from "../sync/session";
import { later } from "../ui/later";
import { Fetched, fetched } from "./Fetched";
import { LoginPage } from "./LoginPage";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";

const investigationPage = fetched(
  async () => (await import("../features/wizard/InvestigationPage")).InvestigationPage,
);
const templatesPage = fetched(
  async () => (await import("../features/templates/TemplatesPage")).TemplatesPage,
);
const datasetsPage = fetched(async () => (await import("../features/datasets/DatasetsPage")).DatasetsPage);
const RankDialog = later(async () => (await import("../features/datasets/RankDialog")).RankDialog);
const steps = {
  settings: fetched(async () => {
    const { SettingsStep } = await import("../features/wizard/SettingsStep");
    return () => <SettingsStep ranker={RankDialog} />;
  }),
  progress: fetched(async () => (await import("../features/progress/ProgressStep")).ProgressStep),
  results: fetched(async () => (await import("../features/results/ResultsStep")).ResultsStep),
};

/** Fetches what the address asks for, so that it can be drawn at once. Nothing is asked in the name of nobody. */
export async function prepare(client: QueryClient) {
  if (location.pathname === "/login") return;
  const me = client.fetchQuery(meQuery);
  const [, id, step] = /^\/investigations\/(?!new$)([^/]+)(?:\/(\w+))?$/.exec(location.pathname) ?? [];
  if (id) {
    const titled = step === "progress" || step === "results"; // they name what the catalogue names
    const [{ investigationQuery }, { configQuery }, titles] = await Promise.all([
      import("../sync/known"),
      import("../sync/config"),
      titled && import("../ui/useTitles"),
      investigationPage.load(),
      step && step in steps && steps[step as keyof typeof steps].load(),
    ]);
    if (await me)
      await Promise.all([
        client.prefetchQuery(investigationQuery(decodeURIComponent(id))),
        client.prefetchQuery(configQuery),
        client.prefetchQuery(profileQuery),
        titles && client.prefetchQuery(titles.titlesQuery),
      ]);
  } else if ((await me) && location.pathname === "/") {
    const list = prefetchHistory(client, new URLSearchParams(location.search));
    await Promise.all([list, client.prefetchQuery(profileQuery)]);
  } else if (location.pathname === "/templates") {
    const [{ readFilter, templatesQuery }] = await Promise.all([
      import("../sync/template"),
      templatesPage.load(),
    ]);
    if (await me)
      await client.prefetchQuery(templatesQuery(readFilter(new URLSearchParams(location.search))));
  } else if (location.pathname === "/datasets") {
    const [{ datasetsQuery }] = await Promise.all([import("../sync/dataset"), datasetsPage.load()]);
    if (await me) await client.prefetchQuery(datasetsQuery);
  }
}

// each page but the list, which nearly every visit begins with, is its own file to fetch
const NewInvestigation = later(
  async () => (await import("../features/wizard/NewInvestigation")).NewInvestigation,
);
const CurrentStep = later(async () => (await import("../features/wizard/CurrentStep")).CurrentStep);
const ComparePage = later(async () => (await import("../features/results/ComparePage")).ComparePage);
const DatasetPage = later(async () => (await import("../features/datasets/DatasetPage")).DatasetPage);
const ListsPage = later(async () => (await import("../features/lists/ListsPage")).ListsPage);
const TemplatePage = later(async () => (await import("../features/templates/TemplatePage")).TemplatePage);
const NewTemplatePage = later(
  async () => (await import("../features/templates/TemplateForm")).NewTemplatePage,
);
const EditTemplatePage = later(async () => {
  const [{ EditTemplatePage }, { SettingsFields }] = await Promise.all([
    import("../features/templates/TemplateForm"),
    import("../features/wizard/SettingsFields"),
  ]);
  return () => <EditTemplatePage editor={SettingsFields} />;
});
const TrailPage = later(async () => (await import("../features/trail/TrailPage")).TrailPage);
const CalibrationPage = later(
  async () => (await import("../features/calibration/CalibrationPage")).CalibrationPage,
);
const AuditPage = later(async () => (await import("../features/trail/AuditPage")).AuditPage);
const AdminPage = later(async () => (await import("../features/admin/AdminPage")).AdminPage);

const NotForRole = later(async () => (await import("../ui/NotForRole")).NotForRole);

/** The pages on which something is made. */
const Writers = () => (useWrites() ? <Outlet /> : <NotForRole />);

/** Every address of the app. */
export function AppRoutes() {
  return (
    <Routes>
      <Route path="/login" element={<LoginPage />} />
      <Route path="/" element={<Shell />}>
        <Route index element={<HistoryPage />} />
        <Route element={<Writers />}>
          <Route path="investigations/new" element={<NewInvestigation />} />
          <Route path="datasets" element={<Fetched page={datasetsPage} />} />
          <Route path="templates/new" element={<NewTemplatePage />} />
          <Route path="templates/:id/edit" element={<EditTemplatePage />} />
        </Route>
        <Route path="investigations/:id" element={<Fetched page={investigationPage} />}>
          <Route index element={<CurrentStep />} />
          <Route path="settings" element={<Fetched key="settings" page={steps.settings} />} />
          <Route path="progress" element={<Fetched key="progress" page={steps.progress} />} />
          <Route path="results" element={<Fetched key="results" page={steps.results} />} />
          <Route path="trail" element={<TrailPage />} />
        </Route>
        <Route path="investigations/:id/compare/:other" element={<ComparePage />} />
        <Route path="datasets/:id" element={<DatasetPage />} />
        <Route path="lists" element={<ListsPage />} />
        <Route path="templates" element={<Fetched page={templatesPage} />} />
        <Route path="templates/:id" element={<TemplatePage />} />
        <Route path="calibration" element={<CalibrationPage />} />
        <Route path="audit" element={<AuditPage />} />
        <Route path="admin" element={<AdminPage />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
