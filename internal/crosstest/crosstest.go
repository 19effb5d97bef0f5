// Package crosstest has a test that checks the types of all packages for other systems.
package crosstest
