import { queryOptions, useQuery } from "@tanstack/react-query";
import { getUsers } from "../api/user";
import { useMe } from "./session";

/** The colleagues. */
export const usersQuery = queryOptions({
  queryKey: ["users"],
  queryFn: ({ signal }) => getUsers(signal),
  staleTime: 300_000,
  retry: false,
});

/**
 * Tells who somebody is by their id: `you` for oneself where it is given, the id where the name is not known. The names are asked for
 * where they are `wanted`.
 */
export function useNames(you?: string, wanted = true): (id: string) => string {
  const me = useMe().data;
  const users = useQuery({ ...usersQuery, enabled: wanted }).data;
  return (id) =>
    you !== undefined && id === me?.id ? you : (users?.find((user) => user.id === id)?.name ?? id);
}
