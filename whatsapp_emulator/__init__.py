"""A WhatsApp-Web server for tests, demo and benchmarks; it imports none of Balas."""
