import { Button } from "@mantine/core";
import { Eye } from "lucide-react";
import { Link } from "react-router";
import { t } from "../app/texts";
import { EmptyState } from "./EmptyState";

/** In place of a page on which something is made, for whom may only read. */
export const ReadsOnly = () => (
  <EmptyState
    page
    icon={<Eye size={32} aria-hidden />}
    title={t.readsOnly.title}
    hint={t.readsOnly.hint}
    action={
      <Button component={Link} to="/" variant="default">
        {t.readsOnly.action}
      </Button>
    }
  />
);
