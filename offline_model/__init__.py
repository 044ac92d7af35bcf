"""An OpenAI-compatible server with no model inside: rules and fuzzy matching answer from the prompt alone.

It is the answer engine of the demo. It imports nothing of Balas and knows nothing but the request's messages.
"""
