"""The WebSocket API: who may open a socket, and which sockets are open."""
