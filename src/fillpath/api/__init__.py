"""The desk over HTTP: what people and programs may see and do, each under a name and a role."""
