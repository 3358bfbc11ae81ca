"""A PostgreSQL of our own, started and stopped with Buoy: standard library only, so that it can run before anything else.

Only the programs of a package are used, found by `binaries`; the life of the server is in `cluster`. It works on Linux
and macOS. On Windows there are no Unix sockets that PostgreSQL could tell accounts by: there, name a server with
DATABASE_URL.
"""
