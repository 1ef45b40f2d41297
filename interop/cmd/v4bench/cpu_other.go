//go:build !unix

package main

import "time"

var started = time.Now()

// cpuTime is the time that has passed, which is the same on a machine that does nothing else.
func cpuTime() time.Duration {
	return time.Since(started)
}
