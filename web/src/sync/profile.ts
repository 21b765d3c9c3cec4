import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/problem";
import { getProfile, type Profile, saveProfile } from "../api/profile";

export const profileQuery = queryOptions({
  queryKey: ["profile"],
  queryFn: ({ signal }) => getProfile(signal),
  staleTime: 60_000,
});

/** What the user likes; undefined until the server has said so. */
export const useProfile = () => useQuery(profileQuery).data;

/** Changes the profile. Where another window was first, the change is made again on what that one left. */
export function useChangeProfile() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (change: (now: Profile) => Profile) => {
      const known = await client.ensureQueryData(profileQuery);
      try {
        return await saveProfile(change(known));
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 412)) throw error;
        return saveProfile(change(await client.fetchQuery({ ...profileQuery, staleTime: 0 })));
      }
    },
    onMutate: () => client.cancelQueries(profileQuery), // its answer would be older
    onSuccess: (saved) => client.setQueryData(profileQuery.queryKey, saved),
  });
}
