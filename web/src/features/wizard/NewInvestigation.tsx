import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { createInvestigation } from "../../api/investigation";
import { t } from "../../app/texts";
import { receive } from "../../sync/known";
import { LoadFailed } from "../../ui/Broken";
import { PageHeader } from "../../ui/PageHeader";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { formatStamp } from "../../ui/time";

/** Makes a draft on the server and goes to its settings. `?dataset=` chooses the data set. */
export function NewInvestigation() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [search] = useSearchParams();
  const dataset = search.get("dataset");
  const asked = useRef(false);

  const create = useMutation({
    mutationFn: () =>
      createInvestigation({
        name: t.wizard.defaultName(formatStamp(new Date())),
        ...(dataset
          ? {
              settings: {
                dataset,
                entities: [],
                time_range: { preset: "all" as const },
                tool_matrix: [],
                correlation_mode: "OR" as const,
                execution_mode: "parallel" as const,
                risk_threshold: 60,
                scoring: { form: "noisy_or" as const, agent_weights: {} },
              },
            }
          : {}),
      }),
    onSuccess: (made) => {
      const { state } = made;
      receive(client, state.investigation_id, made);
      void client.invalidateQueries({ queryKey: ["history"] });
      navigate(`/investigations/${state.investigation_id}/settings`, { replace: true });
    },
  });

  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    create.mutate();
  }, [create]);

  return (
    <>
      <PageHeader title={create.error ? t.wizard.createFailed : t.wizard.creating} />
      {create.error ? <LoadFailed error={create.error} onRetry={() => create.mutate()} /> : <PageSkeleton />}
    </>
  );
}
