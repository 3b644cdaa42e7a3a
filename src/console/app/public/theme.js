// Before anything is painted: the theme that was chosen, if one was.
try {
  const theme = localStorage.getItem('simwright.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing shows what the system prefers.
}
