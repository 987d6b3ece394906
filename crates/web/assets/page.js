// Fills what only a browser knows, and adds the copy buttons. Every page works without it.
