/**
 * A "Connect Miro" button: connectMiro(button, { start, done }). `start` is an address of your backend that, asked by POST, makes a link session and
 * answers { url }. `done` gets { result } for your backend, or { error }. Your return page calls reportToOpener(); without popups it has the ending.
 */
export function connectMiro(button, { start, done }) {
  button.addEventListener('click', async () => {
    // At once, within the click: a popup that opens later is blocked.
    const popup = window.open('', '_blank', 'popup,width=560,height=760');
    try {
      const { url } = await (await fetch(start, { method: 'POST' })).json();
      if (!popup) return location.assign(new URL(url));
      popup.location = new URL(url);
      done(await endingOf(popup));
    } catch {
      popup?.close();
      done({ error: 'failed' });
    }
  });
}

const endingOf = (popup) =>
  new Promise((resolve) => {
    const end = (what) => (clearInterval(watch), removeEventListener('message', hear), resolve(what));
    const hear = ({ origin, source, data }) =>
      origin === location.origin && source === popup && data?.from === 'connect-miro' && end(data.ending);
    // A last message may still be on its way when the window is closed.
    const watch = setInterval(() => popup.closed && setTimeout(end, 300, { error: 'closed' }), 300);
    addEventListener('message', hear);
  });

/** @returns how it ended, unless this is the popup: then its opener is told, and the window closes */
export function reportToOpener() {
  const { result, error = 'failed' } = Object.fromEntries(new URLSearchParams(location.search));
  const ending = result ? { result } : { error };
  if (!window.opener) return ending;
  window.opener.postMessage({ from: 'connect-miro', ending }, location.origin);
  window.close();
}
