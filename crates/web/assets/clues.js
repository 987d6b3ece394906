// Says whose form an address has while it is typed. The page works without this file: the server
// computes an address's check, here only its shape is looked at, and nothing leaves the page.

const BASE58 = "[1-9A-HJ-NP-Za-km-z]";
/** The chains in the order in which their shapes tell most. */
const SHAPES = [
  ["Bitcoin", /^(bc1[02-9ac-hj-np-z]{11,87}|BC1[02-9AC-HJ-NP-Z]{11,87})$/],
  ["Ethereum", /^0x[0-9a-f]{40}$/i],
  ["Tron", new RegExp(`^T${BASE58}{33}$`)],
  ["Bitcoin", new RegExp(`^[13]${BASE58}{25,34}$`)],
  ["Solana", new RegExp(`^${BASE58}{32,44}$`)],
];
/** Shorter texts are still being typed. */
const SHORTEST = 20;
const QUIET_MS = 600;

/** What to say of one line, if anything. */
export const hint = (line) => {
  const address = line.trim().replace(/^(bitcoin|ethereum|tron|solana):/i, "").replace(/\?.*$/, "");
  if (address.length < SHORTEST) return null;
  const shape = SHAPES.find(([, form]) => form.test(address));
  return shape ? `Looks like ${shape[0]}` : "We do not know this kind of address. Keep it or change it";
};

const field = document.getElementById("addresses");
const said = document.getElementById("addresses-hint");

const tell = () => {
  const lines = field.value.split("\n").filter((line) => line.trim());
  const hints = lines.map(hint);
  const words = hints.flatMap((words, at) => {
    if (!words) return [];
    return [hints.length > 1 ? `Line ${at + 1}: ${words}` : words];
  });
  const text = words.length ? `${words.join(". ")}.` : "";
  if (said.textContent !== text) said.textContent = text;
};

if (field && said) {
  let timer;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(tell, QUIET_MS);
  });
  tell();
}
