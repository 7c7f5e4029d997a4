"""The SOAP contract of OSO as data, its messages, their envelope, and the zoeksleutel."""
