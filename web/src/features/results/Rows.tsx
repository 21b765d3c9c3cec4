import { Button, Group, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getRows } from "../../api/evidence";
import type { EvidenceRow } from "../../api/results";
import { formatCount } from "../../ui/number";
import { EvidenceTable } from "./EvidenceTable";
import { pageOf } from "./evidence";
import classes from "./results.module.css";
import { t } from "./texts";

type Props = {
  id: string;
  /** Numbers of the rows, in the order in which they are shown. */
  numbers: readonly number[];
  /** Rows that are at hand, the first of the numbers. */
  known?: readonly EvidenceRow[];
  label: string;
  named?: string;
};

const none: readonly EvidenceRow[] = [];

/** Rows of the data set by their numbers, a page at a time; what is not at hand is read from the data set. */
export function Rows({ id, numbers, known = none, label, named }: Props) {
  const [page, setPage] = useState(0);
  const { from, to, pages } = pageOf(page, known.length, numbers.length);
  const wanted = numbers.slice(from, to);
  const atHand = to <= known.length;
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ["rows", id, wanted.join(",")],
    queryFn: ({ signal }) => getRows(id, wanted, signal),
    enabled: !atHand && wanted.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const rows = atHand ? known.slice(from, to) : data;
  return (
    <div>
      {rows ? (
        <EvidenceTable rows={rows} label={label} {...(named === undefined ? {} : { named })} />
      ) : error ? (
        <Group gap="sm" role="alert">
          <Text size="sm">
            {t.evidence.failed} {error.message}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => refetch()} loading={isFetching}>
            {t.evidence.again}
          </Button>
        </Group>
      ) : (
        <Skeleton height={30 * Math.min(8, wanted.length + 1)} aria-label={t.evidence.loading} />
      )}
      {pages > 1 && (
        <Group gap="xs" mt={6} className={classes.pager} data-noprint>
          <Button size="compact-xs" variant="default" disabled={page === 0} onClick={() => setPage(page - 1)}>
            {t.evidence.before}
          </Button>
          <Text size="xs" c="dimmed" className="tabular" role="status">
            {t.evidence.page(formatCount(from + 1), formatCount(to), formatCount(numbers.length))}
          </Text>
          <Button
            size="compact-xs"
            variant="default"
            disabled={page === pages - 1}
            onClick={() => setPage(page + 1)}
          >
            {t.evidence.next}
          </Button>
        </Group>
      )}
    </div>
  );
}
