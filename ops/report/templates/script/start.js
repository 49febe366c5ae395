let index;

const start = async () => {
  startTheme();
  index = await unpacked("index");
  showList();
  startFilter();
  apply();
  showTimeline();
  startKeyboard();
  document.documentElement.classList.add("ready");
  addEventListener("hashchange", follow);
  await follow();
  requestAnimationFrame(() => performance.mark("gateproof-ready"));
};

start();
