// Package runner runs one case: convert, load into a control plane, serve by Envoy, send the requests, compare.
package runner

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
)

// Output is what a converter said.
type Output struct {
	Stream string // all objects, as YAML documents
	Mesh   []byte // the mesh configuration that the translation needs; may be empty
	Report []byte // its findings as JSON; may be empty
}

// Converter translates the input of a case. It returns nil when it has nothing for the case.
type Converter interface {
	Convert(c *casefile.Case, dir string) (*Output, error)
}

// Files of a case's folder.
const (
	inputFile  = "in.yaml"
	outputFile = "out.yaml"
	meshFile   = "mesh.yaml"
	reportFile = "report.json"
	stderrFile = "convert.log"
	dumpFile   = "config_dump.json"
)

// Command converts with a shell command, which finds the case's objects in the file $IN, the arguments for its
// controller settings in $ARGS, and writes objects to stdout, mesh configuration to $MESH and findings to $REPORT.
type Command struct{ Text string }

// ProductCommand is the command of this project's own binary; extra arguments are added as they are.
func ProductCommand(binary string, extra []string) Command {
	parts := []string{
		quote(binary), `convert -f "$IN"`, "$ARGS", "--tls copy --default-certificate", cluster.DefaultCertificate,
		`--mesh-config-out "$MESH" --report json="$REPORT"`,
	}
	for _, x := range extra {
		parts = append(parts, quote(x))
	}
	return Command{Text: strings.Join(parts, " ")}
}

// Convert runs the command. Exit status 1 means findings, as in the product; anything above is an error.
func (k Command) Convert(c *casefile.Case, dir string) (*Output, error) {
	var quoted []string
	for _, a := range cluster.Args(c) {
		quoted = append(quoted, quote(a))
	}
	// The shell has to see the quotes of $ARGS, so that it is put into the text instead of the environment.
	cmd := exec.Command("sh", "-c", strings.ReplaceAll(k.Text, "$ARGS", strings.Join(quoted, " ")))
	cmd.Env = append(os.Environ(),
		"IN="+filepath.Join(dir, inputFile), "MESH="+filepath.Join(dir, meshFile), "REPORT="+filepath.Join(dir, reportFile))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if e := os.WriteFile(filepath.Join(dir, stderrFile), stderr.Bytes(), 0o644); e != nil {
		return nil, e
	}
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) {
		return nil, fmt.Errorf("convert: %w: %.400s", err, stderr.String())
	}
	out := &Output{Stream: stdout.String()}
	if out.Mesh, err = readIfThere(filepath.Join(dir, meshFile)); err != nil {
		return nil, err
	}
	out.Report, err = readIfThere(filepath.Join(dir, reportFile))
	return out, err
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func readIfThere(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// Given takes hand-written translations from a folder: NAME.yaml, and NAME.mesh where one needs mesh configuration.
type Given struct{ Dir string }

// Convert reads the files of the case.
func (g Given) Convert(c *casefile.Case, dir string) (*Output, error) {
	stream, err := readIfThere(filepath.Join(g.Dir, c.Name+".yaml"))
	if err != nil || stream == nil {
		return nil, err
	}
	mesh, err := readIfThere(filepath.Join(g.Dir, c.Name+".mesh"))
	if err != nil {
		return nil, err
	}
	if mesh != nil {
		if err := os.WriteFile(filepath.Join(dir, meshFile), mesh, 0o644); err != nil {
			return nil, err
		}
	}
	return &Output{Stream: string(stream), Mesh: mesh}, nil
}
