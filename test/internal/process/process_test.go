package process_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/process"
)

func start(t *testing.T, script string) *process.Process {
	t.Helper()
	p, err := process.Start(process.Options{
		Name: "a shell", Args: []string{"/bin/sh", "-c", script}, Env: []string{"WORD=hello"}, Dir: t.TempDir(), Log: filepath.Join(t.TempDir(), "log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop(time.Second) })
	return p
}

func TestAwaitReturnsWhenReady(t *testing.T) {
	p := start(t, "echo $WORD; exec sleep 60")
	if err := p.Await(10*time.Second, func() bool { return strings.Contains(p.Log(), "hello\n") }); err != nil {
		t.Fatal(err)
	}
	if !p.Alive() {
		t.Error("not alive")
	}
}

func TestAwaitTellsOfAProgramThatEnds(t *testing.T) {
	p := start(t, "echo no such flag >&2; exit 3")
	err := p.Await(10*time.Second, func() bool { return false })
	if err == nil || !strings.Contains(err.Error(), "a shell ended") || !strings.Contains(err.Error(), "no such flag") {
		t.Errorf("got %v", err)
	}
}

func TestAwaitTellsOfAProgramThatIsNeverReady(t *testing.T) {
	p := start(t, "exec sleep 60")
	err := p.Await(50*time.Millisecond, func() bool { return false })
	if err == nil || !strings.Contains(err.Error(), "not ready after 50ms") {
		t.Errorf("got %v", err)
	}
}

func TestStopKillsWhatDoesNotGoWithItsChildren(t *testing.T) {
	dir := t.TempDir()
	p := start(t, "trap '' TERM; (trap '' TERM; echo $$ > '"+dir+"/ready'; while :; do sleep 1; done) & wait; wait")
	err := p.Await(10*time.Second, func() bool { _, err := os.Stat(filepath.Join(dir, "ready")); return err == nil })
	if err != nil {
		t.Fatal(err)
	}
	p.Stop(10 * time.Millisecond)
	if p.Alive() {
		t.Error("still alive")
	}
}

func TestStartTellsOfAMissingProgram(t *testing.T) {
	_, err := process.Start(process.Options{Name: "nothing", Args: []string{"/no/such/program"}, Log: filepath.Join(t.TempDir(), "log")})
	if err == nil || !strings.Contains(err.Error(), "start nothing") {
		t.Errorf("got %v", err)
	}
}
