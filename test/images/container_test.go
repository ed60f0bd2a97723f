package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/test/images/internal/inside"
	"github.com/ingress2gw/ingress2gw/test/images/internal/standin"
)

// patience is how long anything may take on a busy machine.
const patience = 5 * time.Minute

// program is a command of an image as a restricted pod has it: nonroot, in a file system that is read-only, with /proc and /dev of a runtime.
func program(t *testing.T, i *image, args ...string) inside.Program {
	t.Helper()
	// Mount points are made in a copy, so that the image stays what it is.
	dir, err := os.MkdirTemp(i.dir, "run")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	root := filepath.Join(dir, "root")
	out, err := exec.CommandContext(t.Context(), "cp", "-a", "--link", i.root(), root).CombinedOutput()
	require.NoError(t, err, string(out))
	return inside.Program{
		Root: root, ReadOnly: true, User: standin.Nonroot,
		Mounts: []inside.Mount{{From: "/proc", To: "/proc"}, {From: "/dev", To: "/dev"}},
		Args:   args, Env: i.config.Config.Env, Dir: i.config.Config.WorkingDir,
	}
}

// runs runs a command to its end without a network, and gives what it writes.
func runs(t *testing.T, i *image, stdin io.Reader, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd, err := inside.Command(ctx, program(t, i, args...))
	require.NoError(t, err)
	var out, errors bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &out, &errors
	if err := cmd.Run(); err != nil {
		t.Errorf("%v: %v: %s", args, err, errors.String())
	}
	return out.String()
}

// running is a program that has not ended.
type running struct {
	t     *testing.T
	cmd   *exec.Cmd
	ended chan error
	logs  *logs
}

// logs are what a program writes while others read it.
type logs struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start starts a program that serves.
func start(t *testing.T, p inside.Program) *running {
	t.Helper()
	p.Network = true
	cmd, err := inside.Command(context.WithoutCancel(t.Context()), p)
	require.NoError(t, err)
	r := &running{t: t, cmd: cmd, ended: make(chan error, 1), logs: &logs{}}
	cmd.Stdout, cmd.Stderr = r.logs, r.logs
	require.NoError(t, cmd.Start())
	go func() { r.ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		if t.Failed() {
			t.Log(r.logs)
		}
	})
	return r
}

// until waits for a condition while the program runs.
func (r *running) until(what string, holds func() error) {
	r.t.Helper()
	for end := time.Now().Add(patience); ; {
		err := holds()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			r.t.Fatalf("%s: %v", what, err)
		}
		select {
		case err := <-r.ended:
			r.t.Fatalf("%s: the program ended: %v", what, err)
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// stop ends the program as the kubelet does.
func (r *running) stop() {
	r.t.Helper()
	require.NoError(r.t, r.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-r.ended:
		if err != nil {
			r.t.Errorf("told to end, it says %v", err)
		}
	case <-time.After(patience):
		r.t.Errorf("told to end, it does not")
	}
}
