import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { type Entity, entityType } from "../../api/entity";
import { createInvestigation, getInvestigation, type Versioned } from "../../api/investigation";
import { t } from "../../app/texts";
import { datasetsQuery } from "../../sync/dataset";
import { receive } from "../../sync/known";
import { useMe } from "../../sync/session";
import { LoadFailed } from "../../ui/Broken";
import { PageHeader } from "../../ui/PageHeader";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { formatStamp } from "../../ui/time";

const lastKey = "olorin-last-draft";

const mine = new Set<string>();

/** Makes a draft this window's own for as long as it lives; false where it is another's. */
const claim = (id: string) =>
  mine.has(id) ||
  new Promise<boolean>((tell) => {
    navigator.locks
      .request(`olorin draft ${id}`, { ifAvailable: true }, (lock) => {
        tell(lock !== null);
        if (!lock) return;
        mine.add(id);
        return new Promise(() => {});
      })
      .catch(() => tell(false));
  });

/**
 * The draft that was made last, in this window or in one that is closed, where nobody has touched it since: leaving and coming back
 * makes no second one.
 */
async function untouched(by: string | undefined): Promise<Versioned | null> {
  try {
    for (const kept of [sessionStorage.getItem(lastKey), localStorage.getItem(lastKey)]) {
      const [id = "", version] = kept?.split(" ") ?? [];
      if (!id || !(await claim(id))) continue;
      const found = await getInvestigation(id);
      const { state } = found;
      if (String(state.version) === version && state.user_id === by && !state.archived_at && !state.stale)
        return found;
    }
  } catch {
    // it is gone, or another user's, or the browser keeps nothing
  }
  return null;
}

async function remember({ state }: Versioned) {
  try {
    const last = `${state.investigation_id} ${state.version}`;
    sessionStorage.setItem(lastKey, last);
    localStorage.setItem(lastKey, last);
    await claim(state.investigation_id);
  } catch {
    // a browser that keeps nothing gets a new draft each time
  }
}

/** An entity as an address names it: its type, a colon, its value. */
function named(text: string): Entity | null {
  const type = entityType.safeParse(text.split(":", 1)[0]);
  return type.success ? { type: type.data, value: text.slice(type.data.length + 1) } : null;
}

/**
 * Makes a draft on the server and goes to its settings. `?dataset=` chooses the data set, and each `?entity=` one of its entities; where
 * there is one data set alone, it is chosen.
 */
export function NewInvestigation() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [search] = useSearchParams();
  const dataset = search.get("dataset");
  const entities = search.getAll("entity").flatMap((text) => named(text) ?? []);
  const asked = useRef(false);
  const me = useMe().data?.id;

  const create = useMutation({
    mutationFn: async () => {
      const before = dataset ? null : await untouched(me);
      if (before) return before;
      const [first, second] = dataset ? [] : await client.fetchQuery(datasetsQuery).catch(() => []);
      const chosen = dataset ?? (second ? undefined : first?.id);
      return createInvestigation({
        name: t.wizard.defaultName(formatStamp(new Date())),
        ...(chosen
          ? {
              settings: {
                dataset: chosen,
                entities: entities.map((e, i) => (i === 0 ? { ...e, primary: true } : e)),
                time_range: { preset: "all" as const },
                tool_matrix: [],
                correlation_mode: "OR" as const,
                execution_mode: "parallel" as const,
                risk_threshold: 60,
                scoring: { form: "noisy_or" as const, agent_weights: {} },
              },
            }
          : {}),
      });
    },
    onSuccess: (made) => {
      const { state } = made;
      if (!dataset) void remember(made);
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
