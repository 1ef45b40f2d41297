// Empty: it lets this package declare functions without bodies, for go:linkname.
