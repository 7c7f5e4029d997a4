"""The Flask applications: the public SOAP endpoint and the internal one."""
