// Passkeys need the browser's own dialog: here, and nowhere else, an account page runs a script. Each button says what it is for in `data-passkey`;
// without a script, or in a browser that has no passkeys, it stays hidden and the page works without it.

/** What is asked for the options, and where the authenticator's answer goes. */
const steps = {
  'sign-in': { options: '/v1/auth/passkey/options', answer: '/v1/auth/passkey', body: (proof) => ({ ...proof, transport: 'cookie' }) },
  'second-factor': {
    options: '/v1/auth/second-factor/options',
    answer: '/v1/auth/second-factor',
    body: (passkey, { pending }) => ({ pending, passkey, transport: 'cookie' }),
  },
  reauthenticate: { options: '/v1/auth/reauthenticate/passkey-options', answer: '/v1/auth/reauthenticate', body: (passkey) => ({ passkey }) },
  register: { options: '/v1/me/passkeys/options', answer: '/v1/me/passkeys', body: (proof, { name }) => ({ ...proof, name }), creates: true },
  enrol: {
    options: '/v1/auth/second-factor/passkey-options',
    answer: '/v1/auth/second-factor/passkey',
    body: (proof, { pending, name }) => ({ ...proof, pending, name, transport: 'cookie' }),
    creates: true,
  },
}

if (window.PublicKeyCredential) {
  for (const button of document.querySelectorAll('[data-passkey]')) {
    button.hidden = false
    button.addEventListener('click', () => press(button))
  }
}

async function press(button) {
  const { passkey, pending, next, failed, name } = button.dataset
  const step = steps[passkey]
  const told = document.getElementById('passkey-told')
  button.disabled = true
  told.textContent = ''
  try {
    const { challenge, options } = await post(step.options, pending ? { pending } : undefined)
    const response = step.creates ? await create(options) : await get(options)
    const typed = document.getElementById('passkeyName')?.value.trim() || name
    const answer = await post(step.answer, step.body({ challenge, response }, { pending, name: typed }))
    if (answer?.recoveryCodes) showCodes(button, answer.recoveryCodes)
    else location.assign(next)
  } catch {
    // Whoever closes the dialog knows why; for all else there is one sentence.
    told.textContent = failed
    button.disabled = false
  }
}

async function post(address, body) {
  const sent = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(address, { method: 'POST', credentials: 'same-origin', ...sent })
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`)
  return answer.status === 204 ? undefined : answer.json()
}

async function create(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map((known) => ({ ...known, id: bytes(known.id) })),
  }
  const { id, rawId, type, response } = await navigator.credentials.create({ publicKey })
  const made = { clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject) }
  return { id, rawId: text(rawId), type, clientExtensionResults: {}, response: { ...made, transports: response.getTransports?.() ?? [] } }
}

async function get(options) {
  const allowCredentials = (options.allowCredentials ?? []).map((known) => ({ ...known, id: bytes(known.id) }))
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials }
  const { id, rawId, type, response } = await navigator.credentials.get({ publicKey })
  const signed = {
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
  }
  const userHandle = response.userHandle ? { userHandle: text(response.userHandle) } : {}
  return { id, rawId: text(rawId), type, clientExtensionResults: {}, response: { ...signed, ...userHandle } }
}

/** The recovery codes that come with a first factor are shown once: they take the place of what was pressed. */
function showCodes(button, codes) {
  const place = document.getElementById('passkey-codes')
  for (const code of codes) place.querySelector('ul').append(Object.assign(document.createElement('li'), { textContent: code }))
  place.hidden = false
  for (const part of document.querySelectorAll('[data-until-codes]')) part.hidden = true
  button.hidden = true
  place.querySelector('h2').focus()
}

function bytes(base64url) {
  return Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0))
}

function text(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')
}
