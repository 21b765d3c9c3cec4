import { Button } from "@mantine/core";
import { Link } from "react-router";
import { t } from "../app/texts";
import { EmptyState } from "./EmptyState";

/** In place of an investigation that is not there, or not for the reader. */
export const Gone = () => (
  <EmptyState
    page
    title={t.wizard.gone}
    hint={t.wizard.goneDetail}
    action={
      <Button component={Link} to="/">
        {t.errors.back}
      </Button>
    }
  />
);
