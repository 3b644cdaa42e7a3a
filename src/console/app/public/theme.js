// Applies the chosen theme, if any, before the first paint.
try {
  const theme = localStorage.getItem('simwright.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Without local storage, the system's preference applies.
}
