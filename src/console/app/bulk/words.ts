/** "1 order", "12,345 orders" */
export function orders(count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? 'order' : 'orders'}`;
}

/** "1 profile", "12,345 profiles" */
export function profiles(count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? 'profile' : 'profiles'}`;
}
