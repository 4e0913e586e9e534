// A WebSocket that is made again whenever it breaks.

const FIRST_MS = 500;
const MOST_MS = 10000;

/**
 * Keeps a connection to `path` of this server. `on.message` gets every decoded message,
 * `on.state` "connected" or "broken". Gives { send, close }; send says whether it could.
 */
export function connect(path, on) {
  let socket = null;
  let wait = FIRST_MS;
  let closed = false;

  function open() {
    const url = new URL(path, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(url);
    socket.onopen = () => {
      wait = FIRST_MS;
      on.state("connected");
    };
    socket.onmessage = (event) => on.message(JSON.parse(event.data));
    socket.onclose = () => {
      if (closed) return;
      on.state("broken");
      setTimeout(open, wait);
      wait = Math.min(2 * wait, MOST_MS);
    };
  }

  open();
  return {
    send(value) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(value));
      return true;
    },
    close() {
      closed = true;
      socket.close();
    },
  };
}
