"""How frames become readings and events, without a thread or a camera."""
