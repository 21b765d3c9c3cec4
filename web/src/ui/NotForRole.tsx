import { Button } from "@mantine/core";
import { Eye } from "lucide-react";
import { Link } from "react-router";
import { t } from "../app/texts";
import { EmptyState } from "./EmptyState";

/** In place of a page that the reader's role has nothing to do with; without words, one on which something is made, for an auditor. */
export const NotForRole = ({ title = t.readsOnly.title, hint = t.readsOnly.hint }) => (
  <EmptyState
    page
    icon={<Eye size={32} aria-hidden />}
    title={title}
    hint={hint}
    action={
      <Button component={Link} to="/" variant="default">
        {t.readsOnly.action}
      </Button>
    }
  />
);
