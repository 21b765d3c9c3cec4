import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { refusedQuery } from "../../sync/dataset";
import { Section } from "../../ui/Section";
import { Instant } from "../../ui/time";
import classes from "./DatasetsPage.module.css";
import { t } from "./texts";

/** Files that were put into the watched directory and could not be read: nobody was there to be told. */
export function Refused() {
  const { data, error } = useQuery(refusedQuery);
  if (error) {
    return (
      <Text size="sm" role="alert">
        {t.refused.failed} {error.message}
      </Text>
    );
  }
  if (!data || data.length === 0) return null;
  return (
    <Section title={t.refused.title(data.length)} hint={t.refused.hint}>
      <ul className={classes.refused}>
        {data.map(({ filename, at, reasons }) => (
          <li key={filename}>
            <Text size="sm" fw={600}>
              {filename}{" "}
              <Text span size="xs" c="dimmed" fw={400}>
                <Instant at={at} />
              </Text>
            </Text>
            {reasons.map((reason) => (
              <Text key={reason} size="sm">
                {reason}
              </Text>
            ))}
          </li>
        ))}
      </ul>
    </Section>
  );
}
