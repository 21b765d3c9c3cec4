let id = "";

/** Says whose entries are kept and taken over from now on: on a shared machine nobody gets what another typed. */
export function belongTo(userId: string) {
  id = encodeURIComponent(userId);
}

export const ownerId = () => id;
