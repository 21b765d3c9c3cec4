import { TagsInput } from "@mantine/core";
import { Filter } from "./PickFilter";
import { t } from "./texts";

type Props = { owners: readonly string[]; onChange: (owners: string[]) => void };

/** Narrows to the investigations of some users, for those who see more than their own. */
export function OwnerFilter({ owners, onChange }: Props) {
  return (
    <Filter label={t.owner} chosen={owners.join(", ")}>
      <TagsInput
        label={t.ownerNames}
        description={t.ownerHint}
        value={[...owners]}
        onChange={onChange}
        maxTags={50}
        w={260}
        comboboxProps={{ withinPortal: false }}
      />
    </Filter>
  );
}
