// Light, dark, or what the system says; remembered where the browser allows it.
const THEMES = ["auto", "light", "dark"];

const remembered = (theme) => {
  try {
    if (theme) localStorage.setItem("gateproof-theme", theme);
    return localStorage.getItem("gateproof-theme");
  } catch {
    return theme;
  }
};

const showTheme = (theme) => {
  document.documentElement.dataset.theme = theme;
  document.getElementById("theme").textContent = `Theme: ${theme}`;
};

const startTheme = () => {
  showTheme(THEMES.includes(remembered()) ? remembered() : "auto");
  document.getElementById("theme").addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
    remembered(next);
    showTheme(next);
  });
};
