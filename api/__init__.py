"""Every door to the outside: the HTTP service and the command line."""
