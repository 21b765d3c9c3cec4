import {
  Database,
  FolderSearch,
  LayoutTemplate,
  ListChecks,
  type LucideIcon,
  Plus,
  Scale,
  ScrollText,
  Server,
} from "lucide-react";
import { writes } from "../sync/rights";
import { t } from "./texts";

type Place = {
  to: string;
  label: string;
  Icon: LucideIcon;
  /** Whether a role has a use for it; undefined: every role. */
  isFor?: (role: string) => boolean;
};

const places: readonly Place[] = [
  { to: "/", label: t.nav.investigations, Icon: FolderSearch },
  { to: "/investigations/new", label: t.nav.create, Icon: Plus, isFor: writes },
  { to: "/templates", label: t.nav.templates, Icon: LayoutTemplate },
  { to: "/datasets", label: t.nav.datasets, Icon: Database, isFor: writes },
  { to: "/lists", label: t.nav.lists, Icon: ListChecks },
  { to: "/calibration", label: t.nav.calibration, Icon: Scale },
  {
    to: "/audit",
    label: t.nav.audit,
    Icon: ScrollText,
    isFor: (role) => role === "auditor" || role === "admin",
  },
  { to: "/admin", label: t.nav.admin, Icon: Server, isFor: (role) => role === "admin" },
];

/** What the navigation offers a role. */
export const placesFor = (role: string) => places.filter(({ isFor }) => isFor?.(role) ?? true);

/** The entry of the navigation that a path belongs to. */
export const placeOf = (path: string): string =>
  places.find(({ to }) => path === to || (to !== "/" && path.startsWith(`${to}/`)))?.to ?? "/";
