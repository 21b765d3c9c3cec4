import { Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getCheck } from "../../api/evidence";
import type { Investigation } from "../../api/investigation";
import type { Finding } from "../../api/results";
import { spellOut } from "../../ui/useTitles";
import classes from "./results.module.css";
import { t } from "./texts";

type Props = { finding: Finding; settings: Investigation["settings"] };

/** How the check found it: the query, and the values that its parameters had. */
export function FoundBy({ finding, settings }: Props) {
  const [open, setOpen] = useState(false);
  const { data, error } = useQuery({
    queryKey: ["check", finding.tool],
    queryFn: ({ signal }) => getCheck(finding.tool, signal),
    enabled: open,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const chosen = settings.tool_matrix.find((choice) => choice.tool === finding.tool)?.params ?? {};
  return (
    <details className={classes.aside} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.foundBy.title}</summary>
      {error && (
        <Text size="sm" mt={4}>
          {t.foundBy.failed}
        </Text>
      )}
      {open && !data && !error && <Skeleton height={80} mt={6} />}
      {data && (
        <div className={classes.foundBy}>
          <Text size="sm">{data.description}</Text>
          {data.version !== finding.tool_version && (
            <Text size="sm" fw={600}>
              {t.foundBy.other(finding.tool_version, data.version)}
            </Text>
          )}
          {data.params.length > 0 && (
            <dl className={classes.facts}>
              {data.params.map((param) => (
                <div key={param.name}>
                  <dt>
                    {param.title || spellOut(param.name)} (<code>${param.name}</code>)
                  </dt>
                  <dd>
                    {chosen[param.name] ?? param.default} {param.unit}
                    {chosen[param.name] === undefined && (
                      <Text span size="xs" c="dimmed">
                        {t.foundBy.standard}
                      </Text>
                    )}
                  </dd>
                </div>
              ))}
            </dl>
          )}
          {data.sql ? (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
            <section className={classes.sql} tabIndex={0} aria-label={t.foundBy.sql}>
              <code>{data.sql.trim()}</code>
            </section>
          ) : (
            <Text size="sm" c="dimmed">
              {t.foundBy.noSql}
            </Text>
          )}
        </div>
      )}
    </details>
  );
}
