// Package jobcontrol stops and continues the process as a shell does.
package jobcontrol
