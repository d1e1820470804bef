"""The HTTP side: health and figures, the API under /api/v1, and in a demonstration the sandbox's pages.

`application.web_app` puts it together from what `ports` asks for; it knows neither the database nor the configuration.
"""
