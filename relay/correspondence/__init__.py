"""Mail that we write ourselves: notices about messages, and the words that we add to messages. Six languages."""
