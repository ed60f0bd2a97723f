package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"runtime/debug"

	"github.com/ingress2gw/ingress2gw/reports"
)

// The exit codes, the same for every command.
const (
	exitDone     = 0
	exitFindings = 1  // there is something: findings at or above --fail-on, a protection withheld, or a difference
	exitUsage    = 2  // wrong usage, or input that cannot be read
	exitIO       = 3  // the cluster or a file to write failed
	exitBug      = 70 // ours
)

// usageError is a wrong flag, argument or input file.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// ioError is a cluster that does not answer, or something that cannot be written.
type ioError struct{ err error }

func (e ioError) Error() string { return e.err.Error() }
func (e ioError) Unwrap() error { return e.err }

// findingsError tells that the run is done and found something; the report says what.
type findingsError struct{ reached, blocking int }

func (e findingsError) Error() string {
	if e.blocking > 0 {
		return fmt.Sprintf("%s at or above --fail-on, %d about protections that were withheld", plural(e.reached, "finding"), e.blocking)
	}
	return plural(e.reached, "finding") + " at or above --fail-on"
}

// differsError tells that the run is done and found differences, which it has printed.
type differsError struct{}

func (differsError) Error() string { return "there are differences" }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// inputError sorts an error of reading: files that cannot be read are the user's to correct, a network that fails is not.
func inputError(err error, fromFiles bool) error {
	var file *fs.PathError
	var remote *url.Error
	var network net.Error
	switch {
	case fromFiles && errors.As(err, &file): // asked first: system errors look like network errors
		return usageError{err}
	case !fromFiles, errors.As(err, &remote), errors.As(err, &network):
		return ioError{err}
	}
	return usageError{err}
}

// exitCode is the one place where errors become exit codes.
func exitCode(err error) int {
	var usage usageError
	var found findingsError
	var differs differsError
	var failed ioError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &found), errors.As(err, &differs):
		return exitFindings
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &failed):
		return exitIO
	}
	return exitBug
}

// complain prints an error as one message. Differences speak for themselves.
func complain(w io.Writer, program string, err error) {
	if errors.As(err, new(differsError)) {
		return
	}
	fmt.Fprintf(w, "%s: %s\n", program, reports.CleanLines(err.Error()))
	switch exitCode(err) {
	case exitUsage:
		fmt.Fprintf(w, "See '%s --help' and '%s COMMAND --help'.\n", program, program)
	case exitBug:
		fmt.Fprint(w, howToReport)
	}
}

const howToReport = `
This is a bug in ingress2gw. Please report it at https://github.com/ingress2gw/ingress2gw/issues with the text above, the
output of 'ingress2gw version' and, if you can, the smallest input that shows it. Remove what is secret first.
`

// recovered reports a panic.
func recovered(w io.Writer, program string, cause any) int {
	fmt.Fprintf(w, "%s: internal error: %s\n\n%s", program, reports.CleanLines(fmt.Sprint(cause)), debug.Stack())
	fmt.Fprint(w, howToReport)
	return exitBug
}
