package main

import (
	"os"
	"strconv"
	"strings"
)

// peakBytes is the most memory that this process ever had resident, as Linux counts it; 0 elsewhere.
func peakBytes() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			kilobytes, _ := strconv.Atoi(fields[1])
			return kilobytes * 1024
		}
	}
	return 0
}
