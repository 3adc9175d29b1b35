const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
const rgba = (text) => {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
};
const over = (top, under) => [0, 1, 2].map((at) => top[at] * top[3] + under[at] * (1 - top[3])).concat(1);
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((one) => (one /= 255) <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const behind = (one) => {
  const layers = [];
  for (; one; one = one.parentElement) layers.push(rgba(getComputedStyle(one).backgroundColor));
  return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
};
const faint = new Map();
for (const one of document.querySelectorAll("body *")) {
  const says = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!says || !one.checkVisibility() || one.closest("style, script, .said, .skip")) continue;
  const under = behind(one), ink = over(rgba(getComputedStyle(one).color), under);
  const [high, low] = [light(ink), light(under)].sort((a, b) => b - a);
  const ratio = (high + 0.05) / (low + 0.05);
  if (ratio < 4.5) faint.set(`${one.tagName}.${one.className}: ${ratio.toFixed(2)}`, 1);
}
return [...faint.keys()];
