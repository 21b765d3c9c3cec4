/** How many whole days old a list was when the run began. */
export const ageAt = (date: string, began: string | null): number =>
  began ? Math.floor((Date.parse(began) - Date.parse(date)) / 86_400_000) : 0;

/** The server's list.go has the same bound. */
export const isStale = (date: string, began: string | null): boolean => ageAt(date, began) >= 90;
