import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect, useState } from "react";
import { Outlet, useLocation, useParams } from "react-router";
import { setArchived } from "../../api/history";
import { ApiError } from "../../api/problem";
import { steps } from "../../api/status";
import { t } from "../../app/texts";
import { useRights } from "../../sync/rights";
import { useAutosave } from "../../sync/useAutosave";
import { useFollow } from "../../sync/useFollow";
import { useInvestigation } from "../../sync/useInvestigation";
import { LoadFailed } from "../../ui/Broken";
import { Gone } from "../../ui/Gone";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { focusContent } from "../../ui/useArrival";
import { ConflictDialog } from "./ConflictDialog";
import { ConnectionNotice } from "./ConnectionNotice";
import { InvestigationHeader } from "./InvestigationHeader";
import { StaleDialog } from "./StaleDialog";
import { SavingContext } from "./saving";
import { t as own } from "./texts";
import { LateEntries, StorageAlert, useConflictNews } from "./Unsent";
import { WhereWasI } from "./WhereWasI";

/** One investigation: its head, its steps, and the step that the address names. */
export function InvestigationPage() {
  const { id = "" } = useParams();
  return <OpenInvestigation key={id} id={id} />;
}

const nobody = { user_id: "", assignee: "" };

const tellLost = () =>
  notifications.show({ color: "yellow", title: t.save.lost, message: t.save.lostDetail, autoClose: false });

function OpenInvestigation({ id }: { id: string }) {
  const loaded = useInvestigation(id);
  const gone = useFollow(id);
  const saving = useAutosave(id, tellLost);
  useConflictNews(id);
  const { pathname } = useLocation();
  const step = steps.find((s) => pathname.endsWith(`/${s}`));
  const state = loaded.data;

  const rights = useRights(state ?? nobody);
  const { autosave } = saving;
  // looking back from the results moves nobody's place: a finished investigation opens on its results
  const [goesOn, setGoesOn] = useState(false);
  const asks = state?.stale === true && !state.archived_at && !goesOn && rights.owns;
  const moves = state !== undefined && state.status !== "completed" && !asks && rights.owns;
  useEffect(() => {
    if (moves && step) autosave.edit((draft) => ({ ...draft, wizard_step: step }));
  }, [autosave, moves, step]);

  if (gone || (loaded.error instanceof ApiError && loaded.error.status === 404)) return <Gone />;
  if (!state) {
    return loaded.error ? (
      <LoadFailed error={loaded.error} onRetry={() => loaded.refetch()} />
    ) : (
      <PageSkeleton />
    );
  }
  return (
    <SavingContext value={saving}>
      <Stack gap="lg" maw={1280} mx="auto">
        <InvestigationHeader state={state} step={step ?? null} />
        <ConnectionNotice />
        {state.archived_at && <Archived id={id} mine={rights.owns} />}
        <WhereWasI state={state} />
        <StorageAlert />
        {saving.draft && <LateEntries state={state} draft={saving.draft} />}
        <Suspense fallback={<PageSkeleton />}>
          <Outlet />
        </Suspense>
      </Stack>
      <ConflictDialog />
      {asks && (
        <StaleDialog
          state={state}
          onContinue={() => {
            setGoesOn(true);
            focusContent(); // nothing had the focus before it asked
          }}
        />
      )}
    </SavingContext>
  );
}

function Archived({ id, mine }: { id: string; mine: boolean }) {
  const client = useQueryClient();
  const bring = useMutation({
    mutationFn: () => setArchived([id], false),
    onSuccess: ({ refused: [first] }) => {
      if (first) notifications.show({ color: "red", title: own.bringBackFailed, message: first.detail });
      else notifications.show({ message: own.broughtBack });
      void client.invalidateQueries({ queryKey: ["history"] });
    },
    onError: (error) =>
      notifications.show({ color: "red", title: own.bringBackFailed, message: error.message }),
  });
  return (
    <Alert color="gray" py="xs">
      <Group justify="space-between" gap="sm">
        <Text size="sm">{t.wizard.archived}</Text>
        {mine && (
          <Button size="xs" variant="default" loading={bring.isPending} onClick={() => bring.mutate()}>
            {own.bringBack}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
