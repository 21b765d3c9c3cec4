import { TagsInput } from "@mantine/core";
import { t } from "./texts";

type Props = { owners: readonly string[]; onChange: (owners: string[]) => void };

/** The names of the users whose investigations are wanted. */
export const OwnerNames = ({ owners, onChange }: Props) => (
  <TagsInput
    label={t.ownerNames}
    description={t.ownerHint}
    value={[...owners]}
    onChange={onChange}
    maxTags={50}
    w={260}
    comboboxProps={{ withinPortal: false }}
  />
);
