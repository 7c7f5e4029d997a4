"""An invented student administration system (LAS) and the plugin that connects it to OSO."""
