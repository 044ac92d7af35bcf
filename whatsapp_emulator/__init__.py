"""A WhatsApp-Web server for tests, demo and benchmarks; it imports none of Balas.

From the socket inwards:

- `port` takes every connection: CONNECT proxy and TLS (`certificates`), `control*` with the phone page, and
  `media_store`;
- `client_socket`: WebSocket, handshake and frames (`noise`), stanzas as bytes (`binary_xml`);
- `dispatch`, `login`, `pairing`, `pairing_code`, `queries` (`usync`, `prekeys`, `app_state_sync`), `relay`:
  what the server answers;
- `handset`, `bootstrap`, `content`: what the simulated phones do, with `signal_endpoint` over `ratchet`;
- `delivery`, `accounts`, `chats`, `event_log` over `world` and `database`: what is known, committed before it
  is said.

Left out on purpose: sender keys (group messages are encrypted pairwise), newsletters, calls, presence
subscriptions, history as media, rate limits. The emulator proves that we speak the protocol, not that Meta
likes what we say.
"""
