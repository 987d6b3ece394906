// Says whose form an address has while it is typed, and takes a whole card number out of a field
// before it is sent. The page works without this file: the server looks at both again and computes
// an address's check, here only its shape is looked at. Nothing leaves the page.

const BASE58 = "[1-9A-HJ-NP-Za-km-z]";
/** The chains in the order in which their shapes tell most. */
const SHAPES = [
  ["Bitcoin", /^(bc1[02-9ac-hj-np-z]{11,87}|BC1[02-9AC-HJ-NP-Z]{11,87})$/],
  ["Ethereum", /^(0x)?[0-9a-fA-F]{40}$/],
  ["Tron", new RegExp(`^T${BASE58}{33}$`)],
  ["Bitcoin", new RegExp(`^[13]${BASE58}{25,34}$`)],
  ["Solana", new RegExp(`^${BASE58}{32,44}$`)],
];
/** Shorter texts are still being typed. */
const SHORTEST = 20;
const QUIET_MS = 600;

/** Words by kind, the same as the server's. Kinds that take a computed check are the server's. */
const WORDS = {
  symbol:
    "That address has a typing mistake, one symbol cannot stand in this kind of address",
  case: "That address has a typing mistake, it mixes small and capital letters",
  length: "That address is too short or too long. Keep it or change it",
  unknown: "We do not know this kind of address. Keep it or change it",
};
const WHOLE_CARD = "Do not enter the whole card number";

/** What is wrong with an address, as far as its symbols tell. */
const kindOf = (address) => {
  const plain = /^[0-9a-z]+$/i.test(address);
  if (/^0x/i.test(address)) {
    return plain && address.length === 42 ? "symbol" : "length";
  }
  if (plain && /^bc1/i.test(address)) {
    if (address.length < 14 || address.length > 90) return "length";
    return /[a-z]/.test(address) && /[A-Z]/.test(address) ? "case" : "symbol";
  }
  const looks = /^(1.{25,34}|[3T].{32,33})$/.test(address);
  return plain && looks && /[0OIl]/.test(address) ? "symbol" : "unknown";
};

/** What to say of one line, if anything. */
export const hint = (line) => {
  const text = line.replace(/\s/g, "").replace(/^(bitcoin|ethereum|tron|solana):/i, "");
  const address = text.replace(/\?.*$/, "");
  if (address.length < SHORTEST) return null;
  const shape = SHAPES.find(([, form]) => form.test(address));
  return shape ? `Looks like ${shape[0]}` : WORDS[kindOf(address)];
};

/** Whether the last digit fits the others (ISO/IEC 7812-1). */
const sumFits = (digits) => {
  const each = [...digits].reverse().map((digit, at) => Number(digit) * (at % 2 ? 2 : 1));
  return each.reduce((sum, value) => sum + (value > 9 ? value - 9 : value), 0) % 10 === 0;
};

/** Whether a whole card number is anywhere in a text: the server's rule. */
export const holdsCard = (text) => {
  const words = text.normalize("NFKC").split(/[^\p{Alphabetic}\p{N}]+/u).filter(Boolean);
  return words.some((_, first) => {
    let row = "";
    for (const word of words.slice(first)) {
      if (!/^[0-9]+$/.test(word)) return false;
      row += word;
      if (row.length > 19) return false;
      if (row.length >= 13 && sumFits(row)) return true;
    }
    return false;
  });
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

/** The words beside a field: those that the server wrote there, or new ones. */
const beside = (input) => {
  const id = `${input.id}-error`;
  const there = document.getElementById(id);
  if (there) return there;
  const made = document.createElement("p");
  made.id = id;
  made.className = "err";
  input.before(made);
  return made;
};

const refused = new Set();

const refuse = (input) => {
  input.value = "";
  refused.add(input);
  const told = beside(input);
  const before = document.createElement("span");
  before.className = "vh";
  before.textContent = "Error:";
  told.setAttribute("role", "alert");
  told.replaceChildren(before, ` ${WHOLE_CARD}`);
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", told.id);
  if (input === field) tell();
};

/** Something else was typed: what was said of the number is over. */
const forgive = (input) => {
  if (!refused.delete(input)) return;
  beside(input).remove();
  input.removeAttribute("aria-invalid");
  input.removeAttribute("aria-describedby");
};

/** Whether a number was found and taken out. */
const look = (input) => {
  const found = holdsCard(input.value);
  if (found) refuse(input);
  else if (input.value) forgive(input);
  return found;
};

const form = field?.form;
const typed = form ? [...form.querySelectorAll('input[type="text"], textarea')] : [];
for (const input of typed) {
  let timer;
  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    // A number that is typed is whole after a pause, one that is pasted at once.
    if (event.inputType === "insertText") timer = setTimeout(() => look(input), QUIET_MS);
    else look(input);
  });
  input.addEventListener("change", () => look(input));
}
form?.addEventListener("submit", (event) => {
  const found = typed.filter(look);
  if (!found.length) return;
  event.preventDefault();
  found[0].focus();
});
