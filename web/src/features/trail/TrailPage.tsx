import { Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useParams } from "react-router";
import { onArrival } from "../../sync/arrivals";
import { useInvestigation } from "../../sync/useInvestigation";
import { Checkpoints } from "./Checkpoints";
import { Compare } from "./Compare";
import { Trail } from "./Trail";

/** What can be brought back, and what was done by whom. */
export function TrailPage() {
  const { id = "" } = useParams();
  const client = useQueryClient();
  const state = useInvestigation(id).data;
  useEffect(
    () =>
      onArrival(id, (events) => {
        if (events.some((event) => event.type.startsWith("checkpoint."))) {
          void client.invalidateQueries({ queryKey: ["checkpoints", id] });
        }
      }),
    [client, id],
  );
  if (!state) return null;
  return (
    <Stack gap="md">
      <Checkpoints state={state} />
      <Compare state={state} />
      <Trail state={state} />
    </Stack>
  );
}
