import { Button } from "@mantine/core";
import { ListOrdered } from "lucide-react";
import { useState } from "react";
import type { Dataset } from "../../api/dataset";
import type { Entity } from "../../api/entity";
import { later } from "../../ui/later";
import { t as own } from "./texts";

const RankDialog = later(async () => (await import("../datasets/RankDialog")).RankDialog);

type Props = { dataset: Dataset; room: number; onTake: (entities: Entity[]) => void };

/** For who does not know whom to look at: the file's entities by risk, to be added. */
export function RankButton(props: Props) {
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
        <RankDialog
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
