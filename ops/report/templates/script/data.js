// The index and the parts: base64 of raw deflate of JSON, unpacked when they are asked for.
const unpacked = async (id) => {
  const packed = atob(document.getElementById(id).textContent);
  const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
};

const parts = new Map();
const whole = new Promise((resolve) => { addEventListener("DOMContentLoaded", resolve); });

// The parts stand behind this script, so that the list is there before all of them are read.
const detailsOf = async (scenario) => {
  await whole;
  if (!parts.has(scenario.part)) parts.set(scenario.part, unpacked(`part-${scenario.part}`));
  return (await parts.get(scenario.part))[scenario.place];
};
