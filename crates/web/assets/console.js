// Passkeys for staff: options from the server, one prompt of the browser, the answer as JSON.
// The page says in words what to do when anything goes wrong; nothing here writes markup.

const button = document.querySelector("button[data-passkey]");
const status = document.querySelector("[data-passkey-status]");

const bytes = (text) => {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (symbol) => symbol.charCodeAt(0));
};

const text = (buffer) => {
  if (!buffer) return null;
  const symbols = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  return btoa(symbols.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

const say = (words) => {
  if (status) status.textContent = words;
};

const post = async (address, body) => {
  const answer = await fetch(address, {
    method: "POST",
    credentials: "same-origin",
    redirect: "error",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
    },
    body: JSON.stringify(body),
  });
  const content = await answer.json();
  if (!answer.ok) {
    throw new Error(content.errors?.[0]?.sentence ?? content.title ?? "Something went wrong");
  }
  return content;
};

const create = async (options) => {
  const known = (options.excludeCredentials ?? []).map((entry) => ({ ...entry, id: bytes(entry.id) }));
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: known,
    },
  });
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: {
      attestationObject: text(credential.response.attestationObject),
      clientDataJSON: text(credential.response.clientDataJSON),
      transports: credential.response.getTransports?.() ?? [],
    },
    clientExtensionResults: {},
  };
};

const get = async (options) => {
  const allowed = (options.allowCredentials ?? []).map((entry) => ({ ...entry, id: bytes(entry.id) }));
  const credential = await navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: allowed },
  });
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: {
      authenticatorData: text(credential.response.authenticatorData),
      clientDataJSON: text(credential.response.clientDataJSON),
      signature: text(credential.response.signature),
      userHandle: text(credential.response.userHandle),
    },
    clientExtensionResults: {},
  };
};

const run = async () => {
  say("Follow what your browser or phone asks.");
  try {
    const options = await post(button.dataset.options, {});
    const ask = button.dataset.passkey === "create" ? create : get;
    const credential = await ask(options.publicKey);
    const answer = await post(button.dataset.answer, credential);
    location.assign(answer.next);
  } catch (error) {
    const stopped = error.name === "NotAllowedError" || error.name === "AbortError";
    say(stopped ? "Nothing happened. Press the button to try again." : error.message);
  }
};

if (button) {
  if (window.PublicKeyCredential) {
    button.addEventListener("click", run);
  } else {
    say("This browser has no passkeys. Use a current browser, or a phone or key that has them.");
  }
}
