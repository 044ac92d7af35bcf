"""Postgres: the connection, the fence between tenants, and one repository per aggregate."""
