package bench

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/internal/cli"
)

// child is set in processes that are measured: this binary again, as the tool or as the baseline. A process of its own has its
// own garbage, and a peak of memory that the system tells.
const child = "INGRESS2GW_BENCH_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(child) {
	case "convert", "report":
		os.Exit(cli.Main(os.Args, "bench"))
	case "baseline":
		if n, err := Baseline(os.Args[1]); err != nil || n == 0 {
			fmt.Fprintln(os.Stderr, "baseline:", n, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// usage is what a process took.
type usage struct {
	cpu, wall time.Duration
	peak      int64 // bytes of memory
	errors    int64 // bytes on standard error
	output    int64 // bytes of a report on standard output
}

// run runs this binary in a role and waits for it. Objects go to /dev/null, a report to a file.
func run(b *testing.B, role string, args ...string) usage {
	b.Helper()
	program, err := os.Executable()
	require.NoError(b, err)
	report, err := os.Create(filepath.Join(b.TempDir(), "stderr"))
	require.NoError(b, err)
	defer report.Close()
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), child+"="+role)
	cmd.Stderr = report
	out, err := os.Create(filepath.Join(b.TempDir(), "stdout"))
	require.NoError(b, err)
	defer out.Close()
	if role == "report" {
		cmd.Stdout = out
	}
	begin := time.Now()
	err = cmd.Run()
	wall := time.Since(begin)
	size, serr := report.Seek(0, io.SeekEnd)
	require.NoError(b, serr)
	written, serr := out.Seek(0, io.SeekEnd)
	require.NoError(b, serr)
	if err != nil {
		text, _ := os.ReadFile(report.Name())
		require.NoError(b, err, "%s %q: %.2000s", role, args, text)
	}
	return usage{cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall, peakMemory(cmd.ProcessState), size, written}
}

// convert runs the tool on files.
func convert(b *testing.B, extra []string, files ...string) usage {
	b.Helper()
	args := []string{"convert", "--fail-on", "never"}
	for _, f := range files {
		args = append(args, "-f", f)
	}
	return run(b, "convert", append(args, extra...)...)
}

// file writes a file piece by piece: this process must stay small, because a child's peak begins with it.
func file(b *testing.B, name string, write func(io.Writer) error) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), name)
	f, err := os.Create(path)
	require.NoError(b, err)
	w := bufio.NewWriter(f)
	require.NoError(b, write(w))
	require.NoError(b, w.Flush())
	require.NoError(b, f.Close())
	return path
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
