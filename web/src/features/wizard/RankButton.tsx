import { Button } from "@mantine/core";
import { ListOrdered } from "lucide-react";
import { type ComponentType, useState } from "react";
import type { Dataset } from "../../api/dataset";
import type { Entity } from "../../api/entity";
import { t as own } from "./texts";

type Taken = { dataset: Dataset; room: number; onTake: (entities: Entity[]) => void };

/** The dialog that ranks a file; it is of the room of data sets, and the app hands it in. */
export type Ranker = ComponentType<Taken & { opened: boolean; onClose: () => void; take: string }>;

/** For who does not know whom to look at: the file's entities by risk, to be added. */
export function RankButton({ ranker: Ranker, ...props }: Taken & { ranker: Ranker }) {
  const [opened, setOpened] = useState<boolean>(); // undefined: never asked for
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<ListOrdered size={14} aria-hidden />}
        disabled={props.room < 1}
        onClick={() => setOpened(true)}
      >
        {own.rank.open}
      </Button>
      {opened !== undefined && (
        <Ranker
          {...props}
          opened={opened}
          onClose={() => setOpened(false)}
          take={own.rank.add}
          onTake={(entities) => {
            setOpened(false);
            props.onTake(entities);
          }}
        />
      )}
    </>
  );
}
