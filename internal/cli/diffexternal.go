package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/diff"
)

// externalArgument is what may stand behind the name of the program in KUBECTL_EXTERNAL_DIFF; kubectl leaves out the rest.
var externalArgument = regexp.MustCompile(`^[a-zA-Z0-9=-]+$`)

// external lets a program show the differences, with the manners of kubectl diff: it gets a folder with what is there and one
// with what is wanted, a file for each object, and its exit code is 0 for no difference, 1 for differences, more for an error.
func (o *diffOptions) external(ctx context.Context, program string, d *diff.Diff) (bool, error) {
	words := strings.Fields(program)
	if len(words) == 0 {
		return false, usagef("KUBECTL_EXTERNAL_DIFF is blank")
	}
	args := words[1:1]
	for _, w := range words[1:] {
		if externalArgument.MatchString(w) {
			args = append(args, w)
		}
	}
	folder, err := os.MkdirTemp("", "ingress2gw-diff-")
	if err != nil {
		return false, ioError{err}
	}
	defer os.RemoveAll(folder)
	live, wanted := filepath.Join(folder, "LIVE"), filepath.Join(folder, "MERGED")
	if err := errors.Join(os.Mkdir(live, 0o700), os.Mkdir(wanted, 0o700), writeSides(live, wanted, d)); err != nil {
		return false, ioError{err}
	}
	cmd := exec.CommandContext(ctx, words[0], append(args, live, wanted)...)
	cmd.Stdout, cmd.Stderr = o.streams.Out, o.streams.Err
	var exit *exec.ExitError
	switch err := cmd.Run(); {
	case err == nil:
		return false, nil
	case errors.As(err, &exit) && exit.ExitCode() == 1:
		return true, nil
	default:
		return false, ioError{fmt.Errorf("KUBECTL_EXTERNAL_DIFF: %s: %w", words[0], err)}
	}
}

// writeSides writes both sides of every change. A side that an object does not have is an empty file.
func writeSides(live, wanted string, d *diff.Diff) error {
	for i := range d.Changes {
		c := &d.Changes[i]
		if !c.Changed() {
			continue
		}
		a, b, err := c.YAML()
		if err != nil {
			return err
		}
		name := c.ID.FileName()
		if err := errors.Join(os.WriteFile(filepath.Join(live, name), []byte(a), 0o600), os.WriteFile(filepath.Join(wanted, name), []byte(b), 0o600)); err != nil {
			return err
		}
	}
	return nil
}
