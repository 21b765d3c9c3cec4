import { Skeleton, Stack } from "@mantine/core";

/** The outline of a page that is on its way. */
export function PageSkeleton() {
  return (
    <Stack gap="lg" aria-hidden="true">
      <Skeleton h={28} w={260} />
      <Skeleton h={120} />
      <Skeleton h={220} />
    </Stack>
  );
}
