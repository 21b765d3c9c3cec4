import { later } from "../../ui/later";
import { Filter } from "./PickFilter";
import { t } from "./texts";

// fetched when it is asked for: few see more than their own
const OwnerNames = later(async () => (await import("./OwnerNames")).OwnerNames);

type Props = { owners: readonly string[]; onChange: (owners: string[]) => void };

/** Narrows to the investigations of some users, for those who see more than their own. */
export function OwnerFilter({ owners, onChange }: Props) {
  return (
    <Filter label={t.owner} chosen={owners.join(", ")}>
      {() => <OwnerNames owners={owners} onChange={onChange} />}
    </Filter>
  );
}
