"""Any SQL database behind the OSO adapter: a mapping file says which query fills which element."""
