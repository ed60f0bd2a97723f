//go:build envtest

package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/go-logr/logr"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// processVariable tells a process of the tests that it is to be an operator, and how.
const processVariable = "INGRESS2GW_TEST_OPERATOR"

type orders struct {
	Host    string
	Options Options
}

// asOperator is what such a process does.
func asOperator(text string) int {
	log.SetLogger(logr.FromSlogHandler(slog.NewTextHandler(os.Stderr, nil)))
	var o orders
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	err := json.Unmarshal([]byte(text), &o)
	if err == nil {
		var op *Operator
		if op, err = New(&rest.Config{Host: o.Host}, o.Options); err == nil {
			err = op.Run(ctx)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// process is a program of the test's that can be killed, frozen and ended.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	ended chan struct{}
	log   *output
}

// output may be read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// start starts one that ends with the test.
func start(t *testing.T, environment []string, path string, args ...string) *process {
	t.Helper()
	p := launch(t, environment, path, args...)
	t.Cleanup(p.kill)
	return p
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
	if p.t.Failed() {
		p.log.mu.Lock()
		defer p.log.mu.Unlock()
		text := p.log.b.String()
		p.t.Logf("%s: %s", filepath.Base(p.cmd.Path), text[max(0, len(text)-8000):])
	}
}

func launch(t *testing.T, environment []string, path string, args ...string) *process {
	t.Helper()
	p := &process{t, exec.Command(path, args...), make(chan struct{}), &output{}}
	p.cmd.Env = append(os.Environ(), environment...)
	p.cmd.Stderr = p.log
	require.NoError(t, p.cmd.Start())
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	return p
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(s))
}

// ends waits until it has ended, and checks how: with an error that its log tells, or well.
func (p *process) ends(failure string) {
	p.t.Helper()
	<-p.ended
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	code, text := p.cmd.ProcessState.ExitCode(), p.log.b.String()
	switch {
	case failure == "" && code != 0:
		p.t.Errorf("it ended with %d: %s", code, text[max(0, len(text)-2000):])
	case failure != "" && (code == 0 || !strings.Contains(text, failure)):
		p.t.Errorf("it ended with %d, and does not say %q: %s", code, failure, text[max(0, len(text)-2000):])
	}
}

// replica starts an operator in a process of its own.
func (p *proxy) replica(o Options) *process {
	p.t.Helper()
	text, err := json.Marshal(orders{p.URL, o})
	require.NoError(p.t, err)
	return start(p.t, []string{processVariable + "=" + string(text)}, os.Args[0])
}

// child finds a server that the test environment has started, by its name and something of its command line.
func child(t *testing.T, name, part string) (pid int, args []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // it is gone
		}
		args := strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00")
		if filepath.Base(args[0]) == name && strings.Contains(string(data), part) {
			pid, err := strconv.Atoi(strings.Split(file, "/")[2])
			require.NoError(t, err)
			return pid, args
		}
	}
	t.Fatalf("there is no %s with %s", name, part)
	return 0, nil
}
