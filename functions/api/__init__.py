"""The HTTP API: what the dashboard talks to."""
