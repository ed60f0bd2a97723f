// Package cli is the command line: flags in, objects, reports and an exit code out.
package cli

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Streams are what a command reads and writes. Objects go to Out, everything else to Err.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// OutTerminal and ErrTerminal tell whether a person looks at them.
	OutTerminal, ErrTerminal bool
}

// SystemStreams are those of the process.
func SystemStreams() Streams {
	return Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		OutTerminal: term.IsTerminal(int(os.Stdout.Fd())), ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
}

// colored decides for a stream: never and always are the user's word; auto means a terminal that is not told otherwise.
func colored(when string, terminal bool, getenv func(string) string) bool {
	switch when {
	case "always":
		return true
	case "never":
		return false
	}
	return terminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}
