// Package process runs external programs: each has a log of its own, and none outlives this process.
package process

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Options of one program.
type Options struct {
	Name string // for messages
	Args []string
	Env  []string // beside the environment of this process
	Dir  string   // where it stands; "": where this process does
	Log  string   // file that takes what it writes
}

// Process is a running program.
type Process struct {
	name, log string
	cmd       *exec.Cmd
	exited    chan struct{}
}

// Start launches the program args[0]. It is the head of a process group, so that a signal meant for this process leaves
// the order of stopping to us, and the kernel kills it when this process dies.
func Start(o Options) (*Process, error) {
	log, err := os.Create(o.Log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p := &Process{name: o.Name, log: o.Log, exited: make(chan struct{})}
	p.cmd = exec.Command(o.Args[0], o.Args[1:]...)
	p.cmd.Env, p.cmd.Dir = append(os.Environ(), o.Env...), o.Dir
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", o.Name, err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in its log
		close(p.exited)
	}()
	return p, nil
}

// Alive tells whether the process is still there.
func (p *Process) Alive() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// pollEvery is how often readiness is asked for.
const pollEvery = 20 * time.Millisecond

// Await waits until ready says so. A program that ends, or takes longer than patience, is an error that quotes the end of
// its log.
func (p *Process) Await(patience time.Duration, ready func() bool) error {
	for start := time.Now(); !ready(); time.Sleep(pollEvery) {
		if !p.Alive() {
			return fmt.Errorf("%s ended: %s", p.name, p.lastWords())
		}
		if time.Since(start) > patience {
			return fmt.Errorf("%s is not ready after %s: %s", p.name, patience, p.lastWords())
		}
	}
	return nil
}

// Stop ends the process and waits for it, so that its ports are free; one that does not go within patience is killed.
func (p *Process) Stop(patience time.Duration) {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.Kill()
	}
}

// Kill ends the process without a warning, and waits for it.
func (p *Process) Kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // it may be gone already
	<-p.exited
}

// Log is what the program wrote so far.
func (p *Process) Log() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// quoted is how much of a log is worth an error message.
const quoted = 600

func (p *Process) lastWords() string {
	text := p.Log()
	return text[max(0, len(text)-quoted):]
}
