import {
  ActionIcon,
  Alert,
  Burger,
  Group,
  Kbd,
  Skeleton,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { CircleUser, CloudOff, LogOut, Monitor, Moon, Search, SlidersHorizontal, Sun } from "lucide-react";
import { Suspense, useEffect } from "react";
import { Link, Navigate, Outlet, useLocation } from "react-router";
import { logOut, type Me } from "../api/session";
import { meQuery, useMe } from "../sync/session";
import { LoadFailed } from "../ui/Broken";
import { later, useAwaited } from "../ui/later";
import { Mark } from "../ui/Mark";
import { loadPanels, OnDemand } from "../ui/OnDemand";
import { PageSkeleton } from "../ui/PageSkeleton";
import { ErrorBoundary } from "./ErrorBoundary";
import { idle } from "./idle";
import { MemoryBanner } from "./MemoryBanner";
import { placeOf, placesFor } from "./places";
import classes from "./Shell.module.css";
import { SyncPill } from "./SyncPill";
import { t } from "./texts";
import { usePreferences } from "./usePreferences";

const Palette = later(async () => (await import("./Palette")).Palette);
const Preferences = later(async () => (await import("./Preferences")).Preferences);
const Bell = later(async () => {
  await idle();
  await loadPanels(); // one after the other: each takes a slow processor a while
  await idle();
  return (await import("./Bell")).Bell;
});

/** The frame of every screen but the login: it asks who is there first. */
export function Shell() {
  const me = useMe();
  const location = useLocation();

  if (me.data) return <Frame me={me.data} />;
  if (me.data === null) {
    const next = location.pathname + location.search + location.hash;
    return <Navigate to={next === "/" ? "/login" : `/login?next=${encodeURIComponent(next)}`} replace />;
  }
  if (me.error) {
    return (
      <main style={{ maxWidth: 560, margin: "15vh auto", padding: 16 }}>
        <LoadFailed error={me.error} onRetry={() => me.refetch()} />
      </main>
    );
  }
  return <FrameSkeleton />;
}

/** The outline of the frame while it is not known who is there. */
function FrameSkeleton() {
  return (
    <>
      <header className={classes.header}>
        <Skeleton w={120} h={24} />
      </header>
      <nav className={classes.navbar} aria-hidden="true">
        <Skeleton h={36} mb={6} />
        <Skeleton h={36} mb={6} />
        <Skeleton h={36} />
      </nav>
      <main className={classes.main} aria-busy="true">
        <PageSkeleton />
      </main>
    </>
  );
}

/** While a dialog keeps the page from scrolling, its scroll bar is away: of what is fixed, the class of that library leaves room for it. */
const keepsItsPlace = "right-scroll-bar-position";

function Frame({ me }: { me: Me }) {
  const [opened, { toggle, close }] = useDisclosure(false);
  const [searching, palette] = useDisclosure(false);
  const [preferring, preferences] = useDisclosure(false);
  const { pathname } = useLocation();
  const zone = usePreferences();
  useHotkeys(
    [
      ["mod+K", palette.toggle],
      ["Escape", close, { preventDefault: false }],
    ],
    [],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: closes the drawer on each change of place
  useEffect(close, [pathname]);

  return (
    <>
      <a className="skip" href="#content">
        {t.skip}
      </a>
      <header className={`${classes.header} ${keepsItsPlace}`} data-noprint>
        <Group gap="sm" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={toggle}
            hiddenFrom="lg"
            size="sm"
            aria-label={t.nav.open}
            aria-expanded={opened}
          />
          <UnstyledButton component={Link} to="/" className={classes.brand}>
            <Mark size={26} />
            <Text fw={680} size="lg" component="span" className={classes.word}>
              {t.product}
            </Text>
          </UnstyledButton>
        </Group>
        <Group gap="xs" wrap="nowrap">
          <UnstyledButton
            className={classes.search}
            onClick={palette.open}
            aria-label={`${t.palette.button} ${mac ? "⌘K" : "Ctrl K"}`}
            aria-keyshortcuts="Control+K Meta+K"
          >
            <Search size={15} aria-hidden />
            <span className={classes.searchText}>{t.palette.button}</span>{" "}
            <Kbd size="xs" className={classes.searchText} aria-hidden>
              {mac ? "⌘K" : "Ctrl K"}
            </Kbd>
          </UnstyledButton>
          <SyncPill />
          <Suspense
            fallback={
              <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.notices.label} disabled />
            }
          >
            <Bell />
          </Suspense>
          <ThemeMenu />
          <UserMenu me={me} onPreferences={preferences.open} />
        </Group>
      </header>
      <nav className={classes.navbar} data-opened={opened || undefined} data-noprint aria-label={t.nav.label}>
        {placesFor(me.role).map(({ to, label, Icon }) => (
          <Link
            key={to}
            to={to}
            aria-current={placeOf(pathname) === to ? "page" : undefined}
            className={classes.place}
          >
            <Icon size={17} aria-hidden />
            {label}
          </Link>
        ))}
      </nav>
      <main id="content" tabIndex={-1} className={classes.main}>
        <MemoryBanner />
        <Awaited />
        <ErrorBoundary place={pathname}>
          <Suspense fallback={<PageSkeleton />}>
            <Outlet key={zone} />
          </Suspense>
        </ErrorBoundary>
      </main>
      <Suspense>
        {searching && <Palette me={me} onClose={palette.close} onPreferences={preferences.open} />}
        {preferring && <Preferences onClose={preferences.close} />}
      </Suspense>
    </>
  );
}

/** Says that what was opened is waited for: the page before it stays until it comes. */
function Awaited() {
  if (!useAwaited()) return null;
  return (
    <Alert color="gray" icon={<CloudOff size={18} aria-hidden />} role="status" py="xs" mb="md">
      {t.nav.awaited}
    </Alert>
  );
}

const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);

const schemes = [
  { value: "light", label: t.theme.light, Icon: Sun },
  { value: "dark", label: t.theme.dark, Icon: Moon },
  { value: "auto", label: t.theme.auto, Icon: Monitor },
] as const;

function ThemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Current = schemes.find((s) => s.value === colorScheme)?.Icon ?? Monitor;
  return (
    <OnDemand
      opens="menu"
      button={
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.theme.label}>
          <Current size={17} aria-hidden />
        </ActionIcon>
      }
    >
      {(button, { Menu }) => (
        <Menu position="bottom-end">
          <Menu.Target>{button}</Menu.Target>
          <Menu.Dropdown>
            {schemes.map(({ value, label, Icon }) => (
              <Menu.Item
                key={value}
                leftSection={<Icon size={15} aria-hidden />}
                onClick={() => setColorScheme(value)}
                fw={colorScheme === value ? 650 : undefined}
                aria-current={colorScheme === value || undefined}
              >
                {label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </OnDemand>
  );
}

function UserMenu({ me, onPreferences }: { me: Me; onPreferences: () => void }) {
  const client = useQueryClient();
  return (
    <OnDemand
      opens="menu"
      button={
        <UnstyledButton className={classes.user} aria-label={t.user.menu(me.name)}>
          <CircleUser size={18} aria-hidden />
          <Text size="sm" visibleFrom="sm">
            {me.name}
          </Text>
        </UnstyledButton>
      }
    >
      {(button, { Menu }) => (
        <Menu position="bottom-end">
          <Menu.Target>{button}</Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>
              {me.name} · {me.role}
            </Menu.Label>
            <Menu.Item leftSection={<SlidersHorizontal size={15} aria-hidden />} onClick={onPreferences}>
              {t.user.preferences}
            </Menu.Item>
            <Menu.Item
              leftSection={<LogOut size={15} aria-hidden />}
              onClick={async () => {
                await logOut().catch(() => undefined);
                client.clear();
                client.removeQueries({ queryKey: meQuery.queryKey });
                location.assign("/login");
              }}
            >
              {t.user.logout}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </OnDemand>
  );
}
