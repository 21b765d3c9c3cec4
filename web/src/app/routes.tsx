import { lazy } from "react";
import { Route, Routes } from "react-router";
import { LoginPage } from "./LoginPage";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";

const history = () => import("../features/history/HistoryPage");
const investigation = () => import("../features/wizard/InvestigationPage");

// the page that the address asks for comes while the frame asks who is there
if (location.pathname === "/") history().catch(() => undefined);
else if (location.pathname.startsWith("/investigations/")) investigation().catch(() => undefined);

// each page is its own file to fetch
const HistoryPage = lazy(async () => ({ default: (await history()).HistoryPage }));
const NewInvestigation = lazy(async () => ({
  default: (await import("../features/wizard/NewInvestigation")).NewInvestigation,
}));
const InvestigationPage = lazy(async () => ({ default: (await investigation()).InvestigationPage }));
const CurrentStep = lazy(async () => ({
  default: (await import("../features/wizard/CurrentStep")).CurrentStep,
}));
const SettingsStep = lazy(async () => ({
  default: (await import("../features/wizard/SettingsStep")).SettingsStep,
}));
const ProgressStep = lazy(async () => ({
  default: (await import("../features/progress/ProgressStep")).ProgressStep,
}));
const ResultsStep = lazy(async () => ({
  default: (await import("../features/results/ResultsStep")).ResultsStep,
}));
const ComparePage = lazy(async () => ({
  default: (await import("../features/results/ComparePage")).ComparePage,
}));
const DatasetsPage = lazy(async () => ({
  default: (await import("../features/datasets/DatasetsPage")).DatasetsPage,
}));
const DatasetPage = lazy(async () => ({
  default: (await import("../features/datasets/DatasetPage")).DatasetPage,
}));
const ListsPage = lazy(async () => ({
  default: (await import("../features/lists/ListsPage")).ListsPage,
}));
const TemplatesPage = lazy(async () => ({
  default: (await import("../features/templates/TemplatesPage")).TemplatesPage,
}));
const TemplatePage = lazy(async () => ({
  default: (await import("../features/templates/TemplatePage")).TemplatePage,
}));
const NewTemplatePage = lazy(async () => ({
  default: (await import("../features/templates/TemplateForm")).NewTemplatePage,
}));
const EditTemplatePage = lazy(async () => ({
  default: (await import("../features/templates/TemplateForm")).EditTemplatePage,
}));
const TrailPage = lazy(async () => ({
  default: (await import("../features/trail/TrailPage")).TrailPage,
}));
const CalibrationPage = lazy(async () => ({
  default: (await import("../features/calibration/CalibrationPage")).CalibrationPage,
}));
const AuditPage = lazy(async () => ({
  default: (await import("../features/trail/AuditPage")).AuditPage,
}));
const AdminPage = lazy(async () => ({
  default: (await import("../features/admin/AdminPage")).AdminPage,
}));

/** Every address of the app. */
export function AppRoutes() {
  return (
    <Routes>
      <Route path="/login" element={<LoginPage />} />
      <Route path="/" element={<Shell />}>
        <Route index element={<HistoryPage />} />
        <Route path="investigations/new" element={<NewInvestigation />} />
        <Route path="investigations/:id" element={<InvestigationPage />}>
          <Route index element={<CurrentStep />} />
          <Route path="settings" element={<SettingsStep />} />
          <Route path="progress" element={<ProgressStep />} />
          <Route path="results" element={<ResultsStep />} />
          <Route path="trail" element={<TrailPage />} />
        </Route>
        <Route path="investigations/:id/compare/:other" element={<ComparePage />} />
        <Route path="datasets" element={<DatasetsPage />} />
        <Route path="datasets/:id" element={<DatasetPage />} />
        <Route path="lists" element={<ListsPage />} />
        <Route path="templates" element={<TemplatesPage />} />
        <Route path="templates/new" element={<NewTemplatePage />} />
        <Route path="templates/:id" element={<TemplatePage />} />
        <Route path="templates/:id/edit" element={<EditTemplatePage />} />
        <Route path="calibration" element={<CalibrationPage />} />
        <Route path="audit" element={<AuditPage />} />
        <Route path="admin" element={<AdminPage />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
