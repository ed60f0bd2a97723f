package bench

import (
	"os"
	"syscall"
)

// peakMemory is the largest resident set a finished process had.
func peakMemory(s *os.ProcessState) int64 {
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss << 10
	}
	return 0
}
