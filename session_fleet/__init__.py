"""The session fleet: holds the shops' WhatsApp connections, stores what arrives, sends what waits."""
