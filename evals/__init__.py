"""The evaluation of the agent: chats with labels, the product's own way of answering them, and a table."""
