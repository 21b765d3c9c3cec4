import { Navigate, useParams } from "react-router";
import { useInvestigation } from "../../sync/useInvestigation";

/** Leads to the step where the investigation was left. */
export function CurrentStep() {
  const { id = "" } = useParams();
  const state = useInvestigation(id).data;
  return state ? <Navigate to={`/investigations/${id}/${state.wizard_step}`} replace /> : null;
}
