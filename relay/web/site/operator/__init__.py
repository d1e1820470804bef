"""What operators see: health, queue, releases, tokens, webhooks, settings, figures, and who looked at what."""
