import { Alert } from "@mantine/core";
import { HardDrive } from "lucide-react";
import { useConnection } from "../sync/connection";
import { useHealth } from "../sync/health";
import { formatClock } from "../ui/time";
import { t } from "./texts";

/** Tells on every screen that the server cannot write to its database, for as long as that is so. */
export function MemoryBanner() {
  const health = useHealth();
  const answered = useConnection((connection) => connection.inMemory);
  const held = health?.durability === "memory";
  if (!held && !(answered && !health)) return null;
  return (
    <Alert color="yellow" icon={<HardDrive size={18} />} title={t.memory.title} role="alert" mb="md">
      {held && health.held_since
        ? t.memory.held(t.memory.changes(health.held_changes), formatClock(health.held_since))
        : t.memory.now}
    </Alert>
  );
}
