let index;

const start = async () => {
  startTheme();
  index = await unpacked("index");
  const filled = showList();
  startFilter();
  apply();
  showTimeline();
  startKeyboard();
  document.documentElement.classList.add("ready");
  startLinks();
  await follow();
  requestAnimationFrame(() => performance.mark("gateproof-ready"));
  await followAgain(filled);
};

// Where the browser cannot unpack the data, the page is what it is without JavaScript.
start().catch((error) => {
  document.documentElement.classList.remove("scripting");
  throw error;
});
